using Provisioner.Contracts;

namespace Provisioner.Client.Api;

/// <summary>
/// From a request to a runner that is online. What is not going to be used is taken away again: when the wait is over, when
/// something fails and when somebody interrupts, the VM is deleted before the exception goes on.
/// </summary>
internal sealed class VmCreation(VmApi api, TimeProvider time, Action<string> notice)
{
    // The same for each attempt, and new for each request: a later one of the same run must not be answered with the VM of an earlier one.
    private readonly string _idempotencyKey = Guid.NewGuid().ToString();

    private bool _unclear;
    private bool _answered;
    private bool _found;

    /// <summary>No VM of that id is of this request's making (it was there before, or the server refused), so giving up deletes none.</summary>
    public bool NotOurs { get; private set; }

    public async Task<VmView> RequestAsync(CreateVm vm, CancellationToken interrupted)
    {
        try
        {
            var standing = await new Retries(time, notice).RunAsync(token => AttemptAsync(vm, token), interrupted);
            EnsureOfUse(standing);
            return standing;
        }
        catch (Exception error) when (error is OperationCanceledException or ClientException { Transient: true, ExitCode: ExitCode.Unreachable } || (_unclear && error is ClientException { Problem: ProblemCode.StoreUnavailable }))
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
                    await EnsureStillOfUseAsync(id, either.Token);
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

    /// <summary>The VM as it is now. One of which the caller cannot be told is of no use to him.</summary>
    public async Task<VmView> ShowAsync(string id, CancellationToken interrupted)
    {
        try
        {
            return await new Retries(time, notice).RunAsync(token => api.ShowAsync(id, token), interrupted);
        }
        catch (Exception error) when (error is OperationCanceledException or ClientException)
        {
            await GiveUpAsync(id);
            throw;
        }
    }

    /// <summary>Best effort, within the seconds that an interrupted program has.</summary>
    public async Task GiveUpAsync(string id) => notice(
        NotOurs ? $"This request made no VM {id}, so it deletes none."
        : _answered || _unclear ? await new PartingDelete(api, time).RunAsync(id, mayStillCome: !_answered)
        : $"VM {id} was never asked for: no request reached the server.");

    private async Task<VmView> AttemptAsync(CreateVm vm, CancellationToken cancellation)
    {
        NotOurs = false;
        try
        {
            (var standing, _found) = await api.CreateAsync(vm, _idempotencyKey, cancellation);
            _answered = true;
            // Found after an attempt without an answer it may be our own.
            NotOurs = _found && !_unclear;
            return standing;
        }
        catch (ClientException error) when (error.Problem is not (null or ProblemCode.ServerFault or ProblemCode.StoreUnavailable))
        {
            NotOurs = !_unclear || error.Problem == ProblemCode.IdInUse;
            throw;
        }
        catch (Exception error) when (error is OperationCanceledException or ClientException { Unsent: false })
        {
            _unclear = true;
            throw;
        }
    }

    // A VM that was found has a past: its events begin with that, and it may have been online once and have its job, or its end, by now.
    private async Task EnsureStillOfUseAsync(string id, CancellationToken cancellation)
    {
        if (_found)
        {
            EnsureOfUse(await new Retries(time, notice).RunAsync(token => api.ShowAsync(id, token), cancellation));
        }
    }

    private void EnsureOfUse(VmView vm)
    {
        if (vm.Phase is VmPhase.Deleting or VmPhase.Gone)
        {
            throw new ClientException(ExitCode.Failure, "VM has ended", $"There is a VM {vm.Id} already, and it is {Text.PhaseName.Of(vm.Phase)} ({vm.Reason}).",
                "Delete it and see it go (mode delete) before you ask for it again, or take another id or name.");
        }

        if (vm.Phase == VmPhase.Busy && NotOurs)
        {
            throw new ClientException(ExitCode.Failure, "VM in use", $"There is a VM {vm.Id} already, and its runner has a job; a runner serves one job only.",
                "Take another id or name, or delete that VM first.");
        }
    }

    private static bool IsReady(VmEvent change) => change.Failure is { } failure
        ? throw new ClientException(ProblemFault.CodeOf(failure.Code), $"VM failed ({failure.Code})", failure.Cause, failure.Remedy) { Console = failure.Console }
        : change.Phase switch
        {
            VmPhase.Online or VmPhase.Busy => true,
            VmPhase.Deleting or VmPhase.Gone => throw Ended(change.VmId, change),
            VmPhase.Queued or VmPhase.Cloning or VmPhase.Booting or VmPhase.Registering => false,
        };

    private static ClientException TimedOut(string id, TimeSpan timeout, VmEvent? last) =>
        new(ExitCode.Timeout, "Runner not online in time",
            $"The runner of VM {id} was not online after {Text.Duration.Format(timeout)}; {(last is null ? "the server sent no event" : $"last it was {Text.PhaseName.Of(last.Phase)}: {last.Message}")}.",
            "If the server is only slow or full, allow more time (timeout); if the guest hangs, look at its console on the host.");

    private static ClientException Ended(string id, VmEvent? last) =>
        new(ExitCode.Failure, "VM ended early", $"VM {id} ended before its runner came online ({last?.Message ?? "no reason was given"}).",
            "Somebody deleted it, or its lifetime is too short: see the server's log.");
}
