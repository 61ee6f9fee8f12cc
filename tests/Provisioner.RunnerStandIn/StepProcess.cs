using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Provisioner.RunnerStandIn;

/// <summary>Runs a step's script in a shell, in the job's folder.</summary>
internal sealed partial class StepProcess(string folder, IReadOnlyDictionary<string, string> environment, TimeProvider time)
{
    private static readonly string[] Bash = ["/usr/bin/bash", "/bin/bash"];

    private const int SigInt = 2;
    private const int SigTerm = 15;

    private static readonly TimeSpan AfterInterrupt = TimeSpan.FromSeconds(7.5);
    private static readonly TimeSpan AfterTerminate = TimeSpan.FromSeconds(2.5);

    /// <summary>The exit code; cancelling interrupts the script, then terminates it, then kills it.</summary>
    public async Task<int> RunAsync(Step step, StepLog log, CancellationToken cancellationToken)
    {
        var file = Path.Combine(environment["RUNNER_TEMP"], $"{Guid.NewGuid()}.sh");
        await File.WriteAllTextAsync(file, step.Script + "\n", CancellationToken.None);
        using var process = Start(file, log);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(process);
        }
        File.Delete(file);
        return process.ExitCode;
    }

    private Process Start(string file, StepLog log)
    {
        var shell = Bash.FirstOrDefault(File.Exists) ?? "/bin/sh";
        log.Add($"shell: {shell} -e {{0}}");
        log.Add("##[endgroup]");
        var start = new ProcessStartInfo(shell, ["-e", file])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        var process = new Process { StartInfo = start };
        DataReceivedEventHandler add = (_, line) =>
        {
            if (line.Data is { } text)
            {
                log.Add(text);
            }
        };
        process.OutputDataReceived += add;
        process.ErrorDataReceived += add;
        process.Start();
        return process;
    }

    private async Task StopAsync(Process process)
    {
        if (await EndsAfterAsync(process, SigInt, AfterInterrupt) || await EndsAfterAsync(process, SigTerm, AfterTerminate))
        {
            return;
        }
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It ended by itself in the meantime.
        }
        await process.WaitForExitAsync(CancellationToken.None);
    }

    private async Task<bool> EndsAfterAsync(Process process, int signal, TimeSpan patience)
    {
        _ = Kill(process.Id, signal);
        using var deadline = new CancellationTokenSource(patience, time);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
