using System.ComponentModel;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Runs VBoxManage. This is the one place that does; everything above it speaks VirtualBox in typed calls.</summary>
internal sealed partial class VBoxManage(VirtualBoxOptions options, TimeProvider time, ILogger logger)
{
    private const int ConnectAttempts = 5;
    private const long MemoryLimit = 1L << 30;
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    /// <summary>Runs a command that may be repeated, and returns what it printed.</summary>
    /// <exception cref="HypervisorException">It failed.</exception>
    public async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await TryRunAsync(arguments, cancellationToken);
        return result.Succeeded ? result.Output : throw Failed(arguments, result);
    }

    /// <summary>Runs a command that may be repeated, and tells how it ended.</summary>
    public Task<VBoxResult> TryRunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken) =>
        PersistAsync(() => TryRunAsync(arguments, options.Deadline, cancellationToken), cancellationToken);

    /// <summary>Repeats what did nothing because the machine was locked, or on its way up or down: two readers are enough for that.</summary>
    public async Task<VBoxResult> PersistAsync(Func<Task<VBoxResult>> run, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var result = await run();
            if (!(result.IsLocked || result.IsInTransition) || time.GetElapsedTime(started) > options.UnlockPatience)
            {
                return result;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <exception cref="HypervisorException">The program is missing, or did not end before the deadline: whether it did its work is not known then.</exception>
    public async Task<VBoxResult> TryRunAsync(IReadOnlyList<string> arguments, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(200);
        for (var attempt = 1; ; attempt++)
        {
            var result = await RunOnceAsync(arguments, deadline, cancellationToken);
            if (!result.NeverConnected || attempt == ConnectAttempts)
            {
                return result;
            }

            await Task.Delay(pause, time, cancellationToken);
            pause *= 2;
        }
    }

    public static HypervisorException Failed(IReadOnlyList<string> arguments, VBoxResult result) =>
        new(HypervisorFault.Failed, $"VBoxManage {Words(arguments)} failed: {result.Message}{(result.Code is { Length: > 0 } code ? $" ({code})" : "")}.");

    private async Task<VBoxResult> RunOnceAsync(IReadOnlyList<string> arguments, TimeSpan deadline, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var process = Start(arguments);
        // Both pipes are read while the process runs: one left unread fills up and the process never exits.
        using var output = new CappedPipe(process.StandardOutput.BaseStream);
        using var error = new CappedPipe(process.StandardError.BaseStream);
        using var expiry = new CancellationTokenSource(deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        try
        {
            await WaitAsync(process, either.Token);
        }
        catch (OperationCanceledException)
        {
            await ProcessTree.EndAsync(process, time);
            cancellationToken.ThrowIfCancellationRequested();
            LogTimedOut(Words(arguments), deadline);
            throw new HypervisorException(HypervisorFault.TimedOut,
                $"VBoxManage {Words(arguments)} did not end within {deadline.TotalSeconds:0} s. Look whether VBoxSVC hangs, and at the load of this host.");
        }

        var result = new VBoxResult(process.ExitCode, await output.ReadAsync(time), await error.ReadAsync(time));
        LogRan(Words(arguments), result.ExitCode, time.GetElapsedTime(started));
        return result;
    }

    private Process Start(IReadOnlyList<string> arguments)
    {
        var start = ChildEnvironment.StartInfo(options.Program, arguments);
        // In the C locale, which is what a systemd unit starts with, names that are not ASCII fail or are cut.
        start.Environment["LC_ALL"] = "C.UTF-8";
        SetIfGiven(start, "VBOX_USER_HOME", options.UserHome);
        SetIfGiven(start, "VBOX_IPC_SOCKETID", options.IpcSocketId);
        try
        {
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (Win32Exception e)
        {
            throw new HypervisorException(HypervisorFault.ProgramMissing,
                $"VBoxManage cannot be run as '{options.Program}': {e.Message}. Install VirtualBox, or set the path of VBoxManage.", e);
        }
    }

    // A VBoxManage that waited for a guest property was once seen to grow to 15 GB: none needs a gigabyte.
    private async Task WaitAsync(Process process, CancellationToken token)
    {
        var exit = process.WaitForExitAsync(token);
        while (await Task.WhenAny(exit, Task.Delay(Look, time, token)) != exit && !token.IsCancellationRequested)
        {
            if (ProcessTree.ResidentBytes(process) > MemoryLimit)
            {
                LogGrew(process.Id);
                await ProcessTree.EndAsync(process, time);
            }
        }

        await exit;
    }

    private static void SetIfGiven(ProcessStartInfo start, string name, string? value)
    {
        if (value is not null)
        {
            start.Environment[name] = value;
        }
    }

    // Enough to find the call in the source; values stay out of logs and messages.
    private static string Words(IReadOnlyList<string> arguments) =>
        arguments[0].StartsWith('@') ? "with a response file" : string.Join(' ', arguments.Take(2));

    [LoggerMessage(LogLevel.Debug, "VBoxManage {Command} exited with {ExitCode} after {Elapsed}")]
    private partial void LogRan(string command, int exitCode, TimeSpan elapsed);

    [LoggerMessage(LogLevel.Warning, "VBoxManage {Command} was ended after {Deadline}")]
    private partial void LogTimedOut(string command, TimeSpan deadline);

    [LoggerMessage(LogLevel.Warning, "VBoxManage (process {ProcessId}) used over a gigabyte of memory and was ended")]
    private partial void LogGrew(int processId);
}
