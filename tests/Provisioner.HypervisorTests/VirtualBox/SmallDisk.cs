using System.Diagnostics;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>A disk of a few megabytes, in memory, that can be filled to the last byte.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
        var disk = new SmallDisk(Directory.CreateTempSubdirectory("vbdp-disk-").FullName);
        var problem = await RunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "vbdp-test", disk.Folder);
        Assert.SkipWhen(problem.Length > 0, $"A small disk could not be mounted: {problem}");
        return disk;
    }

    public async Task MakeWritableAsync(bool writable) =>
        Assert.Equal("", await RunAsync("mount", "-o", writable ? "remount,rw" : "remount,ro", Folder));

    public void Fill() => Fill(0);

    /// <summary>Fills it up to so many bytes.</summary>
    public void Fill(long free)
    {
        var spare = new byte[free];
        File.WriteAllBytes(Path.Combine(Folder, "spare"), spare);
        using var file = File.Create(Path.Combine(Folder, "ballast"));
        var block = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }

        File.Delete(Path.Combine(Folder, "spare"));
    }

    public void Dispose()
    {
        // Lazily: a VBoxSVC may still have a file open for some seconds.
        RunAsync("umount", "--lazy", Folder).GetAwaiter().GetResult();
        Directory.Delete(Folder);
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? "" : error.Trim();
    }
}
