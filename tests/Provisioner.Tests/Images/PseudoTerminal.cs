using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Provisioner.Tests.Images;

/// <summary>A character device with two ends, standing in for the virtio-serial port: the guest opens <see cref="Path"/>.</summary>
internal sealed partial class PseudoTerminal : IDisposable
{
    private const int ReadWriteNoControl = 0x102;
    private readonly FileStream _host;

    // The guest's end stays open here: a terminal whose last guest closed it reads as broken, which a virtio port does not.
    private readonly FileStream _guest;

    private PseudoTerminal(FileStream host, FileStream guest, string path) => (_host, _guest, Path, Lines) = (host, guest, path, new StreamReader(host));

    public string Path { get; }

    /// <summary>What the guest says.</summary>
    public StreamReader Lines { get; }

    public static async Task<PseudoTerminal> OpenAsync()
    {
        var handle = posix_openpt(ReadWriteNoControl);
        var name = new byte[64];
        if (handle < 0 || grantpt(handle) != 0 || unlockpt(handle) != 0 || ptsname_r(handle, name, name.Length) != 0)
        {
            throw new InvalidOperationException("No pseudo terminal could be opened.");
        }
        var path = System.Text.Encoding.ASCII.GetString(name, 0, Array.IndexOf(name, (byte)0));
        await Shell.RunAsync("stty", ["-F", path, "raw", "-echo"]);
        var guest = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        var host = new FileStream(new SafeFileHandle(handle, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);
        return new PseudoTerminal(host, guest, path);
    }

    public async Task SayAsync(string line) =>
        await _host.WriteAsync(System.Text.Encoding.ASCII.GetBytes(line + "\n"), TestContext.Current.CancellationToken);

    public void Dispose()
    {
        _guest.Dispose();
        _host.Dispose();
    }

    [DllImport("libc")]
    private static extern int posix_openpt(int flags);

    [DllImport("libc")]
    private static extern int grantpt(int handle);

    [DllImport("libc")]
    private static extern int unlockpt(int handle);

    [DllImport("libc")]
    private static extern int ptsname_r(int handle, byte[] name, nint length);
}
