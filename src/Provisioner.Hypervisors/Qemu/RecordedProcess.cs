using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// A process that a former life of the server may have started, found by its pid file. Pids are used again: it is ours only
/// if its command line names that very pid file, and it is killed through a handle that was taken before looking.
/// </summary>
internal sealed partial class RecordedProcess : IDisposable
{
    private const int PidfdSendSignal = 424;
    private const int PidfdOpen = 434;
    private const int Sigkill = 9;

    private readonly SafeFileHandle handle;
    private readonly string argument;

    private RecordedProcess(int id, SafeFileHandle handle, string argument) => (Id, this.handle, this.argument) = (id, handle, argument);

    public int Id { get; }

    public bool IsAlive => CommandLine(Id).Contains(argument);

    /// <param name="pidFile">Where the process wrote its number.</param>
    /// <param name="argument">The argument that names that file; the path itself when absent.</param>
    public static RecordedProcess? Find(string pidFile, string? argument = null)
    {
        if (!int.TryParse(ReadOrEmpty(pidFile).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return null;
        }

        var descriptor = SystemCall(PidfdOpen, id, 0, 0, 0);
        var found = new RecordedProcess(id, new SafeFileHandle(descriptor, ownsHandle: descriptor >= 0), argument ?? pidFile);
        if (descriptor >= 0 && found.IsAlive)
        {
            return found;
        }

        found.Dispose();
        return null;
    }

    public void Kill() => SystemCall(PidfdSendSignal, handle.DangerousGetHandle(), Sigkill, 0, 0);

    /// <summary>False if it is still there after <paramref name="atMost"/>. It is not our child, so it can only be looked at.</summary>
    public async Task<bool> AwaitExitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        var since = time.GetTimestamp();
        while (IsAlive)
        {
            if (time.GetElapsedTime(since) > atMost)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time, cancellationToken);
        }

        return true;
    }

    public void Dispose() => handle.Dispose();

    // Empty for a process that has ended and only waits for its parent to notice.
    private static string[] CommandLine(int id) => ReadOrEmpty($"/proc/{id}/cmdline").Split('\0');

    private static string ReadOrEmpty(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint first, nint second, nint third, nint fourth);
}
