using System.ComponentModel;
using System.Diagnostics;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>Runs a program to its end, or to its deadline.</summary>
internal static class ExternalProgram
{
    /// <exception cref="HypervisorException">The program is not there, or did not end in time.</exception>
    public static async Task<ProgramResult> RunAsync(
        string program, IReadOnlyList<string> arguments, TimeSpan deadline, TimeProvider time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        // qemu-img has verbs; what others are told first is a value.
        using var span = ProgramTrace.Begin(program, arguments is [var first, ..] && first.All(char.IsAsciiLetterLower) ? first : "");
        using var process = Start(program, arguments);
        using var tooLate = new CancellationTokenSource(deadline, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(tooLate.Token, cancellationToken);

        // Both pipes are read while the program runs: one left unread fills up and the program never exits.
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await Task.WhenAll(process.WaitForExitAsync(ending.Token), output, error).WaitAsync(ending.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            throw new HypervisorException(HypervisorFault.TimedOut, $"{program} {arguments[0]} did not end within {deadline.TotalSeconds:0} s.");
        }

        span.Ended(process.ExitCode);
        return new ProgramResult(process.ExitCode, await output, await error);
    }

    public static HypervisorException Missing(string program, Exception? inner = null) => new(
        HypervisorFault.ProgramMissing,
        $"The program '{program}' cannot be run. Install it (Debian, Ubuntu: apt install {PackageOf(program)}) or configure its path.",
        inner);

    private static Process Start(string program, IReadOnlyList<string> arguments)
    {
        try
        {
            var process = Process.Start(ChildEnvironment.StartInfo(program, arguments))!;
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception e)
        {
            throw Missing(program, e);
        }
    }

    private static string PackageOf(string program) => Path.GetFileName(program) switch
    {
        "passt" => "passt",
        "swtpm" => "swtpm",
        "socat" => "socat",
        "setsid" => "util-linux",
        _ => "qemu-system-x86 qemu-utils",
    };
}
