using Provisioner.Contracts;

namespace Provisioner.Client.Api;

/// <summary>
/// From a request to a runner that is online. What is not going to be used is taken away again: when the wait is over, when
/// something fails and when somebody interrupts, the VM is deleted before the exception goes on.
/// </summary>
internal sealed class VmCreation(VmApi api, TimeProvider time, Action<string> notice)
{
    // A cancelled step has 7.5 s from SIGINT to SIGTERM and 2.5 s more to SIGKILL.
    private static readonly TimeSpan TimeToGiveUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseBetweenDeletes = TimeSpan.FromSeconds(1);

    private int _attempts;
    private bool _answered;

    /// <summary>The VM was there before us, so giving up does not delete it.</summary>
    public bool FoundExisting { get; private set; }

    public async Task<VmView> RequestAsync(CreateVm vm, string idempotencyKey, CancellationToken interrupted)
    {
        try
        {
            return await new Retries(time, notice).RunAsync(token => AttemptAsync(vm, idempotencyKey, token), interrupted);
        }
        catch (Exception error) when (error is OperationCanceledException or ClientException { Transient: true, ExitCode: ExitCode.Unreachable })
        {
            await GiveUpAsync(vm.Id!);
            throw;
        }
    }

    /// <summary>The change by which the runner came online. Otherwise an exception, and the VM is being deleted.</summary>
    public async Task<VmEvent> WaitAsync(string id, TimeSpan timeout, Action<VmEvent> report, CancellationToken interrupted)
    {
        using var budget = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interrupted, budget.Token);
        VmEvent? last = null;
        try
        {
            await foreach (var change in new VmEvents(api, time, notice).FollowAsync(id, either.Token))
            {
                report(last = change);
                if (IsReady(change))
                {
                    return change;
                }
            }

            throw Ended(id, last);
        }
        catch (OperationCanceledException) when (budget.IsCancellationRequested && !interrupted.IsCancellationRequested)
        {
            await GiveUpAsync(id);
            throw TimedOut(id, timeout, last);
        }
        catch (Exception error) when (error is OperationCanceledException or ClientException)
        {
            await GiveUpAsync(id);
            throw;
        }
    }

    private async Task<VmView> AttemptAsync(CreateVm vm, string idempotencyKey, CancellationToken cancellation)
    {
        _attempts++;
        var (created, existed) = await api.CreateAsync(vm, idempotencyKey, cancellation);
        _answered = true;
        // Found at the first attempt it was there before us; found later it may be our own, whose reply was lost.
        FoundExisting = existed && _attempts == 1;
        return created;
    }

    private static bool IsReady(VmEvent change) => change.Failure is { } failure
        ? throw new ClientException(ProblemFault.CodeOf(failure.Code), $"VM failed ({failure.Code})", failure.Cause, failure.Remedy) { Console = failure.Console }
        : change.Phase switch
        {
            VmPhase.Online or VmPhase.Busy => true,
            VmPhase.Deleting or VmPhase.Gone => throw Ended(change.VmId, change),
            VmPhase.Queued or VmPhase.Cloning or VmPhase.Booting or VmPhase.Registering => false,
        };

    /// <summary>Best effort: what it cannot do, the VM's lifetime does.</summary>
    private async Task GiveUpAsync(string id)
    {
        if (FoundExisting)
        {
            notice($"VM {id} was there before this request, so it is left as it is.");
            return;
        }

        using var budget = new CancellationTokenSource(TimeToGiveUp, time);
        try
        {
            // Without an answer to the request it may still be on its way when the delete arrives: ask until the server knows the VM.
            while (await api.DeleteAsync(id, budget.Token) is null && !_answered)
            {
                await Task.Delay(PauseBetweenDeletes, time, budget.Token);
            }

            notice($"VM {id} is being deleted.");
        }
        catch (Exception error) when (error is OperationCanceledException or ClientException)
        {
            notice($"VM {id} could not be deleted now. If it exists, the server removes it when its lifetime is over.");
        }
    }

    private static ClientException TimedOut(string id, TimeSpan timeout, VmEvent? last) =>
        new(ExitCode.Timeout, "Runner not online in time",
            $"The runner of VM {id} was not online after {Text.Duration.Format(timeout)}; {(last is null ? "the server sent no event" : $"last it was {Text.PhaseName.Of(last.Phase)}: {last.Message}")}.",
            "If the server is only slow or full, allow more time (timeout); if the guest hangs, look at its console on the host.");

    private static ClientException Ended(string id, VmEvent? last) =>
        new(ExitCode.Failure, "VM ended early", $"VM {id} ended before its runner came online ({last?.Message ?? "no reason was given"}).",
            "Somebody deleted it, or its lifetime is too short: see the server's log.");
}
