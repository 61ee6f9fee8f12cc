using System.Diagnostics;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>A file system in memory that is soon full.</summary>
internal sealed class SmallDisk(string folder) : IAsyncDisposable
{
    public static async Task<SmallDisk> MountAsync(string folder, string size)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Mounting a small disk needs root.");
        await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", folder);
        return new SmallDisk(folder);
    }

    public async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", folder);

    private static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(command[0], command[1..]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
    }
}
