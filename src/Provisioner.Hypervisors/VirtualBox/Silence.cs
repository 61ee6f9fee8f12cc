using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Whether VirtualBox's service (VBoxSVC) has ceased to answer. A call that takes too long has it probed by another, and when that one
/// hangs too, calls fail at once instead of each running into its deadline, until the probe ends: at that moment the service answers.
/// The service is never killed, however long it hangs: each machine that runs, also of others, ends with it.
/// </summary>
internal sealed partial class Silence(VirtualBoxOptions options, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly string[] Question = ["list", "runningvms"];
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // The service may have lost this one probe only.
    private static readonly TimeSpan Renewal = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource ending = new();
    private readonly Lock gate = new();
    private Task probing = Task.CompletedTask;
    private TaskCompletionSource? silent;

    /// <summary>What is wrong and what to do about it; null while the service answers.</summary>
    public string? Problem { get; private set; }

    /// <summary>Half of the patience is the call's own, half the probe's: a call that is slow is not yet one that hangs.</summary>
    public TimeSpan Suspicious => options.SilencePatience / 2;

    /// <exception cref="HypervisorException">The service does not answer.</exception>
    public void ThrowIfSilent()
    {
        if (Problem is { } problem)
        {
            throw new HypervisorException(HypervisorFault.TimedOut, problem);
        }
    }

    /// <summary>Waits until the service answers, which it usually does at once.</summary>
    public Task EndAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return silent?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;
        }
    }

    /// <summary>Has the service probed, unless it is already.</summary>
    public void Suspect()
    {
        lock (gate)
        {
            if (probing.IsCompleted && !ending.IsCancellationRequested)
            {
                probing = Task.Run(ProbeAsync);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        await probing;
        Break();
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop's edge: the service would be taken for silent until the server starts again.")]
    private async Task ProbeAsync()
    {
        var deadline = Suspicious;
        while (!ending.IsCancellationRequested)
        {
            try
            {
                var answers = await AnswersAsync(deadline);
                if (answers is true || (answers is null && Problem is null))
                {
                    break;
                }

                Begin();
            }
            catch (Exception e) when (!ending.IsCancellationRequested)
            {
                LogNotProbed(e);
                break;
            }

            deadline = Renewal;
            await Task.Delay(Pause, time, ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Break();
    }

    // Whatever it says was said by the service, unless it did not reach it: then nothing is known, but that it does not hang.
    private async Task<bool?> AnswersAsync(TimeSpan deadline)
    {
        using var process = VBoxProcess.Start(options, Question, time);
        using var expiry = new CancellationTokenSource(deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(expiry.Token, ending.Token);
        try
        {
            var result = await process.EndAsync(either.Token);
            return result.NeverConnected || result.LostService || result.IsMute ? null : true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Begin()
    {
        lock (gate)
        {
            if (silent is not null || ending.IsCancellationRequested)
            {
                return;
            }

            silent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Problem = $"VirtualBox has not answered for {options.SilencePatience.TotalSeconds:0} s: {SvcProcess.Describe(options.IpcSocketId)}. Nothing is asked of it until it does. It is left alive, for running machines end with it: end it yourself when they may.";
        }

        LogSilent(Problem);
    }

    private void Break()
    {
        TaskCompletionSource? ended;
        lock (gate)
        {
            (ended, silent, Problem) = (silent, null, null);
        }

        if (ended is not null)
        {
            ended.SetResult();
            LogAnswers();
        }
    }

    [LoggerMessage(LogLevel.Error, "{Problem}")]
    private partial void LogSilent(string problem);

    [LoggerMessage(LogLevel.Information, "VirtualBox answers again")]
    private partial void LogAnswers();

    [LoggerMessage(LogLevel.Warning, "It could not be found out whether VirtualBox answers")]
    private partial void LogNotProbed(Exception exception);
}
