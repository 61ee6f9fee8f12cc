using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Runs VBoxManage. This is the one place that does; everything above it speaks VirtualBox in typed calls.
/// About one call in a hundred hangs for ten seconds after its work is done, until then keeping its results to itself. Nobody
/// waits for that: once a call has let go of VirtualBox's service, what it reads is read once more by another, and what it changes
/// is looked at. It is never repeated. The call itself ends in the background.
/// </summary>
internal sealed partial class VBoxManage(VirtualBoxOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int ConnectAttempts = 5;
    private const int ReadAttempts = 3;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    // Many times what a call takes, also on a busy host.
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<Task, VBoxProcess?> lingering = [];

    /// <summary>Whether VirtualBox's service answers at all.</summary>
    public Silence Silence { get; } = new(options, time, logger);

    /// <summary>Runs a command that may be repeated, and returns what it printed.</summary>
    /// <exception cref="HypervisorException">It failed.</exception>
    public async Task<string> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await TryRunAsync(arguments, cancellationToken);
        return result.Succeeded ? result.Output : throw Failed(arguments, result);
    }

    /// <summary>Runs a command that may be repeated, and tells how it ended.</summary>
    public async Task<VBoxResult> TryRunAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var result = await PersistAsync(() => ConnectAsync(() => ReadAsync(ReadAttempts), cancellationToken), cancellationToken);
        // The service went away under it: a new one answers.
        if (result.LostService || result.IsMute || !result.Answers(arguments))
        {
            result = await PersistAsync(() => ConnectAsync(() => ReadAsync(ReadAttempts), cancellationToken), cancellationToken);
        }

        return result.Answers(arguments) ? result : VBoxResult.NoAnswer;

        Task<VBoxResult> ReadAsync(int attempts) => RunOnceAsync(
            arguments, options.Deadline, async _ => attempts > 1 ? await ReadAsync(attempts - 1) : null, cancellationToken);
    }

    /// <summary>Runs a command that waits for something. It says nothing when it has heard something, and hangs.</summary>
    public Task<VBoxResult> TryWaitAsync(IReadOnlyList<string> arguments, TimeSpan deadline, CancellationToken cancellationToken)
    {
        return ConnectAsync(() => RunOnceAsync(arguments, deadline, Look, cancellationToken, mayLast: true), cancellationToken);

        static Task<VBoxResult?> Look(VBoxProcess process) => Task.FromResult(process.WasConnected ? new VBoxResult(0, "", "") : null);
    }

    /// <summary>Runs a command that changes something, until it ends or what it was to do <paramref name="isDone"/>.</summary>
    /// <exception cref="HypervisorException">The program is missing, or did not end before the deadline: whether it did its work is not known then.</exception>
    public Task<VBoxResult> TryChangeAsync(IReadOnlyList<string> arguments, TimeSpan deadline, Func<Task<bool>> isDone, CancellationToken cancellationToken)
    {
        return ConnectAsync(() => RunOnceAsync(arguments, deadline, LookAsync, cancellationToken), cancellationToken);

        async Task<VBoxResult?> LookAsync(VBoxProcess process) => await isDone() ? new VBoxResult(0, "", "") : null;
    }

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

            // Not in step with another that waits for the same machine.
            await Task.Delay(Pause * (0.5 + Random.Shared.NextDouble()), time, cancellationToken);
        }
    }

    public static HypervisorException Failed(IReadOnlyList<string> arguments, VBoxResult result) =>
        new(HypervisorFault.Failed, $"VBoxManage {Words(arguments)} failed: {result.Message}{(result.Code is { Length: > 0 } code ? $" ({code})" : "")}.");

    /// <summary>Ends the calls that hang.</summary>
    public async ValueTask DisposeAsync()
    {
        await Silence.DisposeAsync();
        foreach (var process in lingering.Values)
        {
            process?.Abandon();
        }

        await Task.WhenAll(lingering.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<VBoxResult> ConnectAsync(Func<Task<VBoxResult>> run, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(200);
        for (var attempt = 1; ; attempt++)
        {
            var result = await run();
            if (!result.NeverConnected || attempt == ConnectAttempts)
            {
                return result;
            }

            await Task.Delay(pause, time, cancellationToken);
            pause *= 2;
        }
    }

    // Looks now and then whether the answer is known before the call ends.
    private async Task<VBoxResult> RunOnceAsync(
        IReadOnlyList<string> arguments, TimeSpan deadline, Func<VBoxProcess, Task<VBoxResult?>> look, CancellationToken cancellationToken, bool mayLast = false)
    {
        if (arguments is not ["--version"])
        {
            Silence.ThrowIfSilent();
        }

        var started = time.GetTimestamp();
        var process = VBoxProcess.Start(options, arguments, time);
        var end = EndAsync(process, arguments, deadline, cancellationToken);
        while (!await EndsWithinAsync(end, Usual))
        {
            if (!mayLast && time.GetElapsedTime(started) >= Silence.Suspicious)
            {
                // Once is enough.
                mayLast = true;
                Silence.Suspect();
            }

            if (process.IsConnected)
            {
                continue;
            }

            var looking = LookAsync(process, look);
            if (await Task.WhenAny((Task)end, looking) == end)
            {
                Linger(looking, null);
            }
            else if (await looking is { } result)
            {
                LogLingers(Words(arguments));
                Linger(end, process);
                return result;
            }
        }

        return await end;
    }

    private static async Task<VBoxResult?> LookAsync(VBoxProcess process, Func<VBoxProcess, Task<VBoxResult?>> look)
    {
        if (process.Error is var error && error.Contains(VBoxResult.ErrorPrefix, StringComparison.Ordinal))
        {
            return new VBoxResult(1, "", error);
        }

        try
        {
            return await look(process);
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            // It cannot be told now: the call itself will.
            return null;
        }
    }

    private async Task<bool> EndsWithinAsync(Task end, TimeSpan atMost)
    {
        using var waiting = new CancellationTokenSource();
        var ended = await Task.WhenAny(end, Task.Delay(atMost, time, waiting.Token)) == end;
        await waiting.CancelAsync();
        return ended;
    }

    private async Task<VBoxResult> EndAsync(VBoxProcess process, IReadOnlyList<string> arguments, TimeSpan deadline, CancellationToken cancellationToken)
    {
        using var owned = process;
        using var span = ProgramTrace.Begin("VBoxManage", VBoxMeter.VerbOf(arguments));
        var started = time.GetTimestamp();
        using var expiry = new CancellationTokenSource(deadline, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, cancellationToken);
        try
        {
            var result = await process.EndAsync(any.Token);
            var took = time.GetElapsedTime(started);
            VBoxMeter.Ran(arguments, took, result.ExitCode);
            span.Ended(result.ExitCode);
            LogRan(Words(arguments), result.ExitCode, took);
            return result;
        }
        catch (OperationCanceledException) when (expiry.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            VBoxMeter.TimedOut(arguments);
            span?.SetStatus(ActivityStatusCode.Error, "timeout");
            LogTimedOut(Words(arguments), deadline);
            throw new HypervisorException(HypervisorFault.TimedOut,
                $"VBoxManage {Words(arguments)} did not end within {deadline.TotalSeconds:0} s. Look whether VBoxSVC hangs, and at the load of this host.");
        }
        finally
        {
            if (process.HasGrown)
            {
                LogGrew(Words(arguments));
            }
        }
    }

    // What comes of it in the end changes nothing, for the answer is known.
    private void Linger(Task task, VBoxProcess? process)
    {
        lingering.TryAdd(task, process);
        task.ContinueWith(_ => lingering.TryRemove(task, out var _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    // Enough to find the call in the source; values stay out of logs and messages.
    private static string Words(IReadOnlyList<string> arguments) =>
        arguments[0].StartsWith('@') ? "with a response file" : string.Join(' ', arguments.Take(2));

    [LoggerMessage(LogLevel.Debug, "VBoxManage {Command} exited with {ExitCode} after {Elapsed}")]
    private partial void LogRan(string command, int exitCode, TimeSpan elapsed);

    [LoggerMessage(LogLevel.Debug, "VBoxManage {Command} has done its work and does not end; it is not waited for")]
    private partial void LogLingers(string command);

    [LoggerMessage(LogLevel.Warning, "VBoxManage {Command} was ended after {Deadline}")]
    private partial void LogTimedOut(string command, TimeSpan deadline);

    [LoggerMessage(LogLevel.Warning, "VBoxManage {Command} used over a gigabyte of memory and was ended")]
    private partial void LogGrew(string command);
}
