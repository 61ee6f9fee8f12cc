using System.Diagnostics;
using System.Text;
using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>The guest that <c>eng/tiny-guest</c> builds, once for all tests.</summary>
internal static class TinyGuest
{
    private static readonly Lazy<Task<string>> Built = new(BuildAsync);

    /// <summary>The path of its disk image.</summary>
    public static Task<string> ImageAsync(CancellationToken cancellationToken) => Built.Value.WaitAsync(cancellationToken);

    /// <summary>A configuration that the guest runs as a shell script; it reports by <c>phase</c>.</summary>
    public static GuestConfiguration Script(string script) =>
        new(Convert.ToBase64String(Encoding.UTF8.GetBytes("#!/bin/sh\n" + script)));

    private static async Task<string> BuildAsync()
    {
        var start = new ProcessStartInfo(Path.Combine(Repository(), "eng", "tiny-guest")) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? (await output).Trim() : throw new InvalidOperationException($"eng/tiny-guest failed: {await error}");
    }

    public static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Provisioner.slnx")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }
}
