using System.ComponentModel;
using System.Diagnostics;

namespace Provisioner.Server.Doctor;

/// <summary>Asks small programs of the system, such as <c>id</c> and <c>systemctl</c>, whatever they know. Where there is none, nothing is known.</summary>
internal static class HostProgram
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What it printed; null if it is not here, failed, or did not end.</summary>
    public static Task<string?> AskAsync(string program, params string[] arguments) => AskAsync(Patience, program, arguments);

    /// <summary>The same for one that does something, and may take its time. One that does not end in time is ended.</summary>
    public static async Task<string?> AskAsync(TimeSpan atMost, string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            using var patience = new CancellationTokenSource(atMost, TimeProvider.System);
            using var ending = patience.Token.Register(() => process.Kill(entireProcessTree: true));
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await error;
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 ? output.Trim() : null;
        }
        catch (Exception problem) when (problem is Win32Exception or OperationCanceledException)
        {
            return null;
        }
    }
}
