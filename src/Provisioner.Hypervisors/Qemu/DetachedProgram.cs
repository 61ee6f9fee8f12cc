using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// A program that runs on when the server ends. It is started in a session of its own (so no Ctrl-C and no hang-up of the
/// server's terminal reaches it) by setsid and not by QEMU's <c>-daemonize</c>: that needs calls which <c>-sandbox</c> forbids
/// (measured with 7.2: it dies of SIGSYS and says nothing).
/// </summary>
internal sealed class DetachedProgram : IDisposable
{
    // A program whose error output nobody reads any more must not die of the next word it says there, as passt would.
    private const string DeafToBrokenPipes = "trap '' PIPE; exec \"$0\" \"$@\"";

    private readonly Process process;
    private readonly string program;
    private readonly StringBuilder said = new();
    private readonly Task exited;

    private DetachedProgram(Process process, string program)
    {
        this.process = process;
        this.program = program;
        process.ErrorDataReceived += (_, line) => Remember(line.Data);
        process.BeginErrorReadLine();
        exited = process.WaitForExitAsync(CancellationToken.None);
    }

    public static DetachedProgram Start(string program, IEnumerable<string> arguments, string folder)
    {
        var start = ChildEnvironment.StartInfo("setsid", ["sh", "-c", DeafToBrokenPipes, program, .. arguments]);
        start.WorkingDirectory = folder;
        try
        {
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            process.StandardOutput.Close();
            return new DetachedProgram(process, program);
        }
        catch (Win32Exception e)
        {
            throw ExternalProgram.Missing("setsid", e);
        }
    }

    /// <summary>Waits until <paramref name="ready"/> says so.</summary>
    /// <exception cref="HypervisorException">The program ended instead, or the deadline passed.</exception>
    public async Task AwaitAsync(Func<bool> ready, TimeSpan deadline, TimeProvider time, CancellationToken cancellationToken)
    {
        using var tooLate = new CancellationTokenSource(deadline, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(tooLate.Token, cancellationToken);
        try
        {
            while (!ready())
            {
                if (exited.IsCompleted)
                {
                    throw await EndAsync();
                }

                await Task.Delay(TimeSpan.FromMilliseconds(20), time, ending.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HypervisorException(HypervisorFault.TimedOut, $"{program} was not ready within {deadline.TotalSeconds:0} s.");
        }
    }

    /// <summary>Kills it if it still runs, and says why it failed.</summary>
    public async Task<HypervisorException> EndAsync()
    {
        process.Kill(entireProcessTree: true);
        await exited;
        lock (said)
        {
            return (process.ExitCode, said.Length) switch
            {
                // The shell's way of saying that it could not run the program.
                (126 or 127, _) => ExternalProgram.Missing(program),
                (var code, 0) => new HypervisorException(HypervisorFault.CannotStart, $"{program} ended at once, with exit code {code}."),
                _ => new HypervisorException(HypervisorFault.CannotStart, $"{program} ended at once: {said.ToString().TrimEnd()}"),
            };
        }
    }

    /// <summary>Lets go of it; it runs on. What it writes to its error output from then on is lost: guests can make QEMU write there.</summary>
    public void Dispose() => process.Dispose();

    private void Remember(string? line)
    {
        lock (said)
        {
            if (line is not null && said.Length < 1000)
            {
                said.AppendLine(line);
            }
        }
    }
}
