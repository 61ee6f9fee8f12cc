using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;
using Provisioner.Server.Observability;
using Provisioner.Server.Store;

namespace Provisioner.Server.Vms;

/// <summary>
/// Does one action for one VM: writes what it is about to do, does it, writes what came of it. What fails while the VM is
/// wanted ends the VM with its reason; what fails while it is to go is tried again for as long as it takes.
/// </summary>
internal sealed partial class VmWork(
    VmTable vms,
    IHypervisor hypervisor,
    ImageCatalog images,
    Registrations registrations,
    ServerOptions options,
    VmTraces traces,
    TimeProvider time,
    ILogger<VmWork> logger)
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private const int LongestLastWords = 15;

    /// <summary>A failure is told without the console rather than late.</summary>
    private static readonly TimeSpan ConsolePatience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(VmId, VmAction), Backoff> _backoff = new();

    /// <summary>False while this action of this VM, which failed, has to wait before it is tried again. Other actions do not wait for it.</summary>
    public bool MayTry(VmId id, VmAction action) =>
        !_backoff.TryGetValue((id, action), out var backoff) || backoff.IsOver(time);

    [SuppressMessage("Design", "CA1031", Justification = "The action's edge: whatever goes wrong becomes the VM's failure, and is logged once.")]
    private async Task TryAsync(Vm vm, VmAction action, CancellationToken cancellationToken)
    {
        var before = _backoff.GetValueOrDefault((vm.Id, action));
        using var span = traces.Begin(vm, action);
        try
        {
            await (action switch
            {
                VmAction.None => Task.CompletedTask,
                VmAction.Clone => CloneAsync(vm, cancellationToken),
                VmAction.Start => StartAsync(vm, cancellationToken),
                VmAction.Save => SaveAsync(vm),
                VmAction.Register => RegisterAsync(vm, cancellationToken),
                VmAction.Retire => RetireAsync(vm, cancellationToken),
                VmAction.Fail => FailAsync(vm, cancellationToken),
                VmAction.Unregister => UnregisterAsync(vm, cancellationToken),
                VmAction.Remove => RemoveAsync(vm, cancellationToken),
                VmAction.Close => LeaveNothingAsync(vm, cancellationToken),
            });
            Count(action, "ok");
            if (before is not null)
            {
                _backoff.TryRemove(KeyValuePair.Create((vm.Id, action), before)); // unless the action itself asked for a pause
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            LogInterrupted(action, vm.Id);
        }
        catch (Exception problem) when (problem is HypervisorException or GitHubException)
        {
            LogRefused(action, vm.Id, problem.Message);
            await SettleAsync(vm, action, Failures.From(problem, action), cancellationToken);
        }
        catch (Exception problem) when (problem is not StoreException)
        {
            LogFailed(problem, action, vm.Id);
            await SettleAsync(vm, action, Failures.From(problem, action), cancellationToken);
        }
    }

    /// <summary>Removes a machine that no row wants.</summary>
    public async Task SweepAsync(VmId id, CancellationToken cancellationToken)
    {
        Postpone(id, VmAction.Remove);
        await QuietlyAsync(
            "removing what nobody wants",
            id,
            async () =>
            {
                CrashPoint.Reach(CrashPoint.Sweeping);
                await hypervisor.EnsureGoneAsync(id, cancellationToken);
                CrashPoint.Reach(CrashPoint.Swept);
                ServerMeter.Sweeps.Add(1);
                _backoff.TryRemove((id, VmAction.Remove), out _);
            },
            cancellationToken);
    }

    private async Task CloneAsync(Vm vm, CancellationToken cancellationToken)
    {
        var row = vms.Change(vm.Id, row => row.Wanted == Wanted.Gone
            ? row
            : (row with { ClonedAt = row.ClonedAt ?? time.GetUtcNow(), SavedAt = null }).In(VmPhase.Cloning, $"Clones the image {vm.Image}."));
        if (row is not { Wanted: Wanted.Present })
        {
            return;
        }

        CrashPoint.Reach(CrashPoint.CloneIntended);
        await hypervisor.EnsureClonedAsync(await images.SpecifyAsync(vm, cancellationToken), cancellationToken);
        CrashPoint.Reach(CrashPoint.Cloned);
    }

    private async Task StartAsync(Vm vm, CancellationToken cancellationToken)
    {
        var row = vms.Change(vm.Id, row => row.Wanted == Wanted.Gone ? row : (row with { StartedAt = time.GetUtcNow(), Trouble = null }).In(VmPhase.Booting, row.SavedAt is null ? "The VM boots." : "The VM goes on from its saved state."));
        if (row is { Wanted: Wanted.Present })
        {
            // Not cut short when the server stops: a start that was written down and not made would read as a machine that has ended.
            CrashPoint.Reach(CrashPoint.StartIntended);
            await hypervisor.EnsureStartedAsync(vm.Machine, CancellationToken.None);
            CrashPoint.Reach(CrashPoint.Started);
        }
    }

    /// <summary>What it held of the host but its disk is free when it is certainly off. Not cut short when the server stops, as a start is not.</summary>
    private async Task SaveAsync(Vm vm)
    {
        CrashPoint.Reach(CrashPoint.SavingIntended);
        await hypervisor.EnsureSavedAsync(vm.Machine, CancellationToken.None);
        CrashPoint.Reach(CrashPoint.StateSaved);
        vms.Change(vm.Id, row => row.Saved(time.GetUtcNow()));
    }

    private async Task RetireAsync(Vm vm, CancellationToken cancellationToken)
    {
        var row = await AfterLastWordsAsync(vm, cancellationToken);
        CrashPoint.Reach(CrashPoint.Retiring);
        var saidSo = row.DoneAt is not null || !hypervisor.KeepsLastWords;
        if (saidSo && row.BusyAt is not null && row.Guest != GuestPhase.Failed)
        {
            vms.Change(vm.Id, current => current.NotWanted("The job has ended."));
        }
        else
        {
            await FailAsync(row, cancellationToken);
        }
    }

    /// <summary>
    /// The guest's last words may be a moment behind its power-off. One that was at work and does not say that it is done has
    /// lost its job, so more than a moment is given to it.
    /// </summary>
    private async Task<Vm> AfterLastWordsAsync(Vm vm, CancellationToken cancellationToken)
    {
        for (var waits = vm.BusyAt is null || !hypervisor.KeepsLastWords ? 1 : LongestLastWords; vm.DoneAt is null && vm.Guest != GuestPhase.Failed && waits > 0; waits--)
        {
            await Task.Delay(LastWords, time, cancellationToken);
            vm = vms.Find(vm.Id) ?? vm;
        }

        return vm;
    }

    private Task FailAsync(Vm vm, CancellationToken cancellationToken) =>
        FailAsync(vm, vm.Guest == GuestPhase.Failed ? Failures.GuestFailed(vm) : Failures.Stopped(vm), cancellationToken);

    private async Task RemoveAsync(Vm vm, CancellationToken cancellationToken)
    {
        if (vm is { OnlineAt: not null, DoneAt: null } && vm.Failure?.Code != ProblemCode.ForeignJob) // which is no job to be kind to
        {
            await hypervisor.EnsureStoppedAsync(vm.Machine, options.Vms.StopGrace, cancellationToken);
        }

        CrashPoint.Reach(CrashPoint.Removing);
        await hypervisor.EnsureGoneAsync(vm.Machine, cancellationToken);
        CrashPoint.Reach(CrashPoint.Removed);
        if (VmTransitions.Next(Wanted.Gone, Seen.Absent, vm.Registration) == VmAction.Close)
        {
            Close(vm); // at once: nothing has to be looked at for that
        }
        else
        {
            vms.Change(vm.Id, row => row.Released(time.GetUtcNow()));
        }
    }

    /// <summary>A machine that is not listed may have left a disk: its removal, or its making, may have been cut short.</summary>
    private async Task LeaveNothingAsync(Vm vm, CancellationToken cancellationToken)
    {
        if (vm.ClonedAt is not null)
        {
            await hypervisor.EnsureGoneAsync(vm.Machine, cancellationToken);
        }

        Close(vm);
    }

    private void Close(Vm vm)
    {
        foreach (var action in Enum.GetValues<VmAction>())
        {
            _backoff.TryRemove((vm.Id, action), out _);
        }

        traces.Forget(vm.Id);
        _busySince.TryRemove(vm.Id, out _);
        _thoughts.TryRemove(vm.Id, out _);
        CrashPoint.Reach(CrashPoint.Closing);
        vms.Change(vm.Id, row => (row.Released(time.GetUtcNow()) with { GoneAt = time.GetUtcNow() }).In(VmPhase.Gone, "VM, disk and registration are gone."));
        CrashPoint.Reach(CrashPoint.Closed);
    }

    /// <summary>After a failed action: a wanted VM fails, unless trying again may help before its deadline.</summary>
    private static void Count(VmAction action, string outcome) =>
        ServerMeter.Operations.Add(1, new("operation", action.ToString().ToLowerInvariant()), new("outcome", outcome));

    private async Task SettleAsync(Vm vm, VmAction action, Outcome outcome, CancellationToken cancellationToken)
    {
        Count(action, outcome.Failure.Code);
        Activity.Current?.SetStatus(ActivityStatusCode.Error, outcome.Failure.Code);
        var id = vm.Id;
        Postpone(id, action, outcome.RetryAfter);
        var isWanted = vms.Find(id) is { Wanted: Wanted.Present };
        if (isWanted && !outcome.MayRetry)
        {
            await FailAsync(vm, outcome.Failure, cancellationToken);
        }
        else if (isWanted)
        {
            vms.Change(id, row => row.Wanted == Wanted.Gone ? row : (row with { Trouble = outcome.Failure }).In(row.Phase, $"{outcome.Failure.Cause} Trying again."));
        }
        else if (action is VmAction.Unregister or VmAction.Remove or VmAction.Close)
        {
            vms.Change(id, row => row.In(row.Phase, $"{outcome.Failure.Cause} Trying again."));
        }
    }

    private async Task FailAsync(Vm vm, VmFailure failure, CancellationToken cancellationToken)
    {
        var (id, console) = (vm.Id, "");
        await QuietlyAsync("reading the console", id, async () => console = await hypervisor.ReadConsoleAsync(vm.Machine, cancellationToken).WaitAsync(ConsolePatience, time, cancellationToken), cancellationToken);
        if (vms.Change(id, row => row.Failed(failure with { Console = ConsoleTail.Cut(console) })) is { Warm: not null, Failure: not null } failed)
        {
            LogWarmFailed(id, failed.Image, failure.Cause, failure.Remedy);
        }
    }

    private void Postpone(VmId id, VmAction action, TimeSpan? atLeast = null) => _backoff.AddOrUpdate(
        (id, action),
        _ => Backoff.None.Next(time, atLeast),
        (_, before) => before.Next(time, atLeast));

    [SuppressMessage("Design", "CA1031", Justification = "What is done besides must not end what it is done for; it is logged.")]
    private async Task QuietlyAsync(string what, VmId id, Func<Task> act, CancellationToken cancellationToken)
    {
        try
        {
            await act();
        }
        catch (HypervisorException problem)
        {
            LogRefusedBesides(what, id, problem.Message);
        }
        catch (Exception problem) when (!cancellationToken.IsCancellationRequested)
        {
            LogBesides(problem, what, id);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The warm VM {Vm} of the image {Image} failed, and another is made after a pause: {Cause} {Remedy}")]
    private partial void LogWarmFailed(VmId vm, string image, string cause, string remedy);

    [LoggerMessage(LogLevel.Information, "{Action} of VM {Vm} was interrupted; it goes on after the restart")]
    private partial void LogInterrupted(VmAction action, VmId vm);

    [LoggerMessage(LogLevel.Warning, "{Action} of VM {Vm} failed: {Cause}")]
    private partial void LogRefused(VmAction action, VmId vm, string cause);

    [LoggerMessage(LogLevel.Error, "{Action} of VM {Vm} met a fault of the server")]
    private partial void LogFailed(Exception problem, VmAction action, VmId vm);

    [LoggerMessage(LogLevel.Warning, "While working on VM {Vm}, {What} failed: {Cause}")]
    private partial void LogRefusedBesides(string what, VmId vm, string cause);

    [LoggerMessage(LogLevel.Warning, "While working on VM {Vm}, {What} met a fault of the server")]
    private partial void LogBesides(Exception problem, string what, VmId vm);
}
