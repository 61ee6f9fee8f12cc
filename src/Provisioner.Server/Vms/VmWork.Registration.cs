using System.Collections.Concurrent;
using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Vms;

/// <summary>The edge towards GitHub: a registration is asked for when the guest waits for it, and removed until none is left.</summary>
internal sealed partial class VmWork
{
    /// <summary>Within this time a guest that was given its registration by a server that died is heard to say so.</summary>
    private static readonly TimeSpan SecondThoughts = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<VmId, long> _busySince = new();
    private readonly ConcurrentDictionary<VmId, long> _thoughts = new();

    private async Task RegisterAsync(Vm vm, CancellationToken cancellationToken)
    {
        // It may have been handed over, and its runner may be online: registering again would take that away.
        if (vm.RunnerId is not null && SecondThoughts - time.GetElapsedTime(_thoughts.GetOrAdd(vm.Id, _ => time.GetTimestamp())) is { Ticks: > 0 } left)
        {
            Postpone(vm.Id, VmAction.Register, left);
            return;
        }

        _thoughts.TryRemove(vm.Id, out _);
        if (await registrations.IsConnectedAsync(vm, cancellationToken))
        {
            Handed(vm.Id);
            return;
        }

        if (vm.TookMachine is not null)
        {
            await hypervisor.EnsureLabelledAsync(vm.Machine, new GuestLabels(vm.Id.Value, vm.Repository.Owner, vm.Repository.Name), cancellationToken); // it was booted for nobody
            CrashPoint.Reach(CrashPoint.Labelled);
        }

        var row = vms.Change(vm.Id, row => row.Wanted == Wanted.Gone ? row : row with { Registration = Registration.Held, RunnerId = null });
        if (row is not { Wanted: Wanted.Present })
        {
            return;
        }

        CrashPoint.Reach(CrashPoint.RegistrationIntended);
        var configuration = await MakeAsync(vm, cancellationToken);
        CrashPoint.Reach(CrashPoint.RegistrationWritten);
        if (vms.Find(vm.Id) is not { Wanted: Wanted.Present })
        {
            return; // unwanted meanwhile: a runner that came online now could take a job and lose it
        }

        await hypervisor.ConfigureAsync(vm.Machine, configuration, cancellationToken);
        CrashPoint.Reach(CrashPoint.Configured);
        Handed(vm.Id);
        CrashPoint.Reach(CrashPoint.ConfiguredWritten);
    }

    private async Task<GuestConfiguration> MakeAsync(Vm vm, CancellationToken cancellationToken)
    {
        try
        {
            return await registrations.MakeAsync(vm, runner => vms.Change(vm.Id, row => row with { RunnerId = runner }), cancellationToken);
        }
        catch (GitHubException problem) when (vm.Registration == Registration.None && Registrations.IsRefusal(problem))
        {
            vms.Change(vm.Id, row => row with { Registration = Registration.None });
            throw;
        }
    }

    private void Handed(VmId id) => vms.Change(id, row => row.Wanted == Wanted.Gone
        ? row
        : (row with { ConfiguredAt = time.GetUtcNow(), Trouble = null }).In(row.Phase, row.Guest > GuestPhase.Ready ? row.Reason : "The guest was given its registration."));

    private async Task UnregisterAsync(Vm vm, CancellationToken cancellationToken)
    {
        CrashPoint.Reach(CrashPoint.Unregistering);
        var answer = await registrations.RemoveAsync(vm, cancellationToken);
        CrashPoint.Reach(CrashPoint.Unregistered);
        var now = time.GetUtcNow();
        // Read again: its times may have been moved with the clock since it was listed.
        var row = vms.Find(vm.Id) ?? vm;
        if (answer.IsGone(row, now))
        {
            vms.Change(vm.Id, current => current with { Registration = Registration.None });
            return;
        }

        LogDeferred(vm.Id, answer.Why);
        var waits = answer.KeepsMachine(row, time.GetElapsedTime(_busySince.GetOrAdd(vm.Id, _ => time.GetTimestamp())), now);
        if (waits || row.Registration == Registration.Deferred)
        {
            Postpone(vm.Id, VmAction.Unregister); // the first refusal only lets the machine go before its registration
        }

        vms.Change(vm.Id, current => (current with { Registration = waits ? current.Registration : Registration.Deferred })
            .In(VmPhase.Deleting, $"The registration could not be removed yet: {GitHubText.Steady(answer.Why)}"));
    }

    [LoggerMessage(LogLevel.Warning, "The registration of VM {Vm} could not be removed yet: {Refusal}")]
    private partial void LogDeferred(VmId vm, string refusal);
}
