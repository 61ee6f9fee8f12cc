using System.Diagnostics.CodeAnalysis;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Observability;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;

namespace Provisioner.Server.Vms;

/// <summary>
/// Compares what is wanted with what is seen, again and again, and does the next thing for each VM.
/// Model: one loop decides, and at most one action of a VM is under way. A VM whose action was under way when the listing
/// began is left out of that pass, because the listing may show it as it was before. After a crash the same loop goes on
/// from the store: it holds no knowledge that it could not gain again.
/// </summary>
internal sealed partial class VmReconciler(
    VmTable vms,
    VmNews news,
    VmWork work,
    HostQueue queue,
    IHypervisor hypervisor,
    ServerOptions options,
    SteadyClock time,
    Pulse pulse,
    ILogger<VmReconciler> logger) : BackgroundService
{
    private const int ReviewsWithoutList = 6;

    private readonly UnderWay _underWay = new(time);
    private readonly Listing _listing = new(hypervisor, time);
    private int _listingsFailed;
    private long? _failingSince;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var following = news.Follow(id: null);
        while (!stoppingToken.IsCancellationRequested)
        {
            var isWhole = await TryPassAsync(stoppingToken);
            pulse.Beat();
            if (isWhole)
            {
                await following.WaitAsync(options.Vms.ReviewPeriod, time, stoppingToken);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _underWay.WhenAll().WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void Dispose()
    {
        _listing.Dispose();
        base.Dispose();
    }

    /// <summary>False when the hypervisor's list is still on its way: the next pass goes on waiting for it.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The loop's edge: one bad pass must not end all passes.")]
    private async Task<bool> TryPassAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await PassAsync(cancellationToken);
        }
        catch (HypervisorException problem)
        {
            LogNoListing(problem.Message);
            Try(() => WithoutListing(problem, cancellationToken));
        }
        catch (StoreException problem)
        {
            LogNotWritten(problem.Message);
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            LogPassFailed(problem);
        }

        return true;
    }

    private async Task<bool> PassAsync(CancellationToken cancellationToken)
    {
        Try(FollowClock);
        Try(() => vms.Forget(time.GetUtcNow() - options.Vms.History));
        Try(() => ExpireOverdue(cancellationToken));
        if (await _listing.TakeAsync(_underWay.Ids, options.Vms.ReviewPeriod / 2, cancellationToken) is not { Machines: var listed, Busy: var busy })
        {
            return false;
        }

        busy.UnionWith(_underWay.Ids);
        (_listingsFailed, _failingSince) = (0, null);
        var power = listed.ToDictionary(seen => seen.Id, seen => seen.Power);
        Try(() => Release(id => !power.ContainsKey(id) && !busy.Contains(id)));
        queue.SawRunning(listed.Where(seen => seen.Power == VmPower.On && !busy.Contains(seen.Id)).Select(seen => seen.Id));
        Try(Place);
        var acting = vms.Acting();
        foreach (var vm in acting.Where(vm => !busy.Contains(vm.Machine)).OrderBy(vm => vm is { Warm: not null, Wanted: Wanted.Present })) // what somebody waits for comes first
        {
            var isThere = power.TryGetValue(vm.Machine, out var found);
            if (isThere && vm is { Wanted: Wanted.Present, ClonedAt: null })
            {
                BeginSweep(vm.Machine, cancellationToken); // of a former VM with this id
                continue;
            }

            Begin(vm, VmTransitions.Next(vm.Wanted, vm.See(isThere ? found : null), vm.Registration), cancellationToken);
        }

        var known = acting.Select(vm => vm.Machine).ToHashSet();
        foreach (var stray in listed.Where(seen => !known.Contains(seen.Id) && !busy.Contains(seen.Id)))
        {
            BeginSweep(stray.Id, cancellationToken);
        }

        return true;
    }

    /// <summary>What a full disk refuses must not keep machines from being removed, which makes room.</summary>
    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (StoreException problem)
        {
            LogNotWritten(problem.Message);
        }

        pulse.Beat(); // a store that takes its time makes a pass slow, and not dead
    }

    /// <summary>The clock of the host was set, or the host was suspended: what is stored goes with it, so that no deadline notices.</summary>
    private void FollowClock()
    {
        var jump = time.Deviation;
        if (jump.Duration() < SteadyClock.Tolerance)
        {
            time.Move(jump);
            return;
        }

        LogClockJumped(jump);
        vms.Shift(jump, time.Move);
    }

    /// <summary>Gives back the places of machines that are certainly gone, also where GitHub keeps their rows from being closed.</summary>
    private void Release(Func<VmId, bool> isGone)
    {
        foreach (var vm in vms.Acting().Where(vm => vm is { Wanted: Wanted.Gone, PlacedAt: not null, ReleasedAt: null } && isGone(vm.Machine)))
        {
            vms.Change(vm.Id, row => row.Released(time.GetUtcNow()));
        }
    }

    /// <summary>Gives places on the host. Who could never have one, since the host was made smaller, is told so.</summary>
    private void Place()
    {
        foreach (var impossible in queue.Place().Impossible)
        {
            vms.Change(impossible.Id, row => row.PlacedAt is null ? row.Failed(Failures.NeverFits(queue.Excess(impossible.Needs))) : row);
        }
    }

    /// <summary>Deadlines do not wait for the hypervisor to answer.</summary>
    private void ExpireOverdue(CancellationToken cancellationToken)
    {
        var waiting = vms.WaitingSince(time.GetUtcNow() - options.Vms.QueueTimeout);
        foreach (var vm in vms.Acting().Concat(waiting))
        {
            pulse.Beat();
            if (_underWay.Has(vm.Machine))
            {
                TellIfLate(vm);
                continue;
            }

            var now = time.GetUtcNow();
            if (vm.BroughtBack(now) != vm)
            {
                LogFromTheFuture(vm.Id, vm.LastTime - now);
                vms.Change(vm.Id, row => row.BroughtBack(time.GetUtcNow()));
                continue;
            }

            var due = VmDeadlines.Check(vm, options.Vms, now);
            if (due.Failure is { } failure && vm is { Failure: null, PlacedAt: not null })
            {
                Track(vm.Machine, VmAction.Fail, work.ExpireAsync(vm, failure, cancellationToken));
            }
            else if (due != vm)
            {
                vms.Change(vm.Id, row => VmDeadlines.Check(row, options.Vms, time.GetUtcNow()));
            }
        }
    }

    /// <summary>An action that does not come back holds up its own VM alone. Its owner is told, and its deadlines hold.</summary>
    private void TellIfLate(Vm vm)
    {
        if (_underWay.Late(vm.Machine) is { } action)
        {
            vms.Change(vm.Id, row => VmDeadlines.Check(row, options.Vms, time.GetUtcNow()) is var due && due != row
                ? due
                : row.In(row.Phase, $"Has waited for more than {UnderWay.Patience:c} for the host: {action} does not come back."));
        }
    }

    /// <summary>
    /// The hypervisor does not answer. Who only waits to be cloned is told so: the second time in a row where its program is missing, else
    /// when it has been so for several reviews, since it may be about to answer. And what was never cloned can be closed without asking.
    /// </summary>
    private void WithoutListing(HypervisorException problem, CancellationToken cancellationToken)
    {
        _failingSince ??= time.GetTimestamp();
        var isLasting = problem.Fault == HypervisorFault.ProgramMissing
            ? _listingsFailed++ > 0
            : time.GetElapsedTime(_failingSince.Value) >= options.Vms.ReviewPeriod * ReviewsWithoutList;
        foreach (var vm in vms.Live().Where(vm => vm.ClonedAt is null && !_underWay.Has(vm.Machine)))
        {
            if (vm.Wanted == Wanted.Gone)
            {
                Begin(vm, VmTransitions.Next(vm.Wanted, Seen.Absent, vm.Registration), cancellationToken);
            }
            else if (isLasting)
            {
                vms.Change(vm.Id, row => row.Failed(Failures.From(problem.Fault, problem.Message)));
            }
        }
    }

    private void Begin(Vm vm, VmAction action, CancellationToken cancellationToken)
    {
        if (action != VmAction.None && MayBegin(action) && work.MayTry(vm.Id, action))
        {
            LogActing(action, vm.Id);
            Track(vm.Machine, action, work.DoAsync(vm, action, cancellationToken));
        }
    }

    /// <summary>A machine with our mark that nobody wants: a crash between two writes, or a database that was put back.</summary>
    private void BeginSweep(VmId id, CancellationToken cancellationToken)
    {
        // Read again: the row may have been written after the rows were read.
        if (MayBegin(VmAction.Remove) && vms.FindOfMachine(id) is null or { PlacedAt: null } or { ClonedAt: null } && work.MayTry(id, VmAction.Remove))
        {
            LogSweeping(id);
            Track(id, VmAction.Remove, work.SweepAsync(id, cancellationToken));
        }
    }

    /// <summary>Who finds no place now is looked at again as soon as another action has ended.</summary>
    private bool MayBegin(VmAction action) => !UnderWay.IsWork(action) || _underWay.AtWork < options.Vms.MaxActions;

    /// <summary>By the machine: whose it is may change while something is done to it.</summary>
    private void Track(VmId machine, VmAction action, Task running) => _underWay.Add(machine, action, running, () => news.Tell(machine));

    [LoggerMessage(LogLevel.Warning, "The clock of this host jumped by {Jump}, or the host was suspended; the times of all VMs were moved with it. Keep the clock right with NTP")]
    private partial void LogClockJumped(TimeSpan jump);

    [LoggerMessage(LogLevel.Warning, "The record of VM {Vm} is {Ahead} ahead of the clock, which was set back while no server ran; its times were brought back")]
    private partial void LogFromTheFuture(VmId vm, TimeSpan ahead);

    [LoggerMessage(LogLevel.Debug, "Began {Action} of VM {Vm}")]
    private partial void LogActing(VmAction action, VmId vm);

    [LoggerMessage(LogLevel.Warning, "Found machine {Vm} that carries our mark and that nobody wants; removing it")]
    private partial void LogSweeping(VmId vm);

    [LoggerMessage(LogLevel.Warning, "The hypervisor could not be asked for its machines: {Cause}")]
    private partial void LogNoListing(string cause);

    [LoggerMessage(LogLevel.Warning, "The store failed in a pass over all VMs; the next one tries again: {Cause}")]
    private partial void LogNotWritten(string cause);

    [LoggerMessage(LogLevel.Error, "A pass over all VMs failed; the next one tries again")]
    private partial void LogPassFailed(Exception problem);
}
