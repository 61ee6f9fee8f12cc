using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.Simulated;

/// <summary>
/// A hypervisor in memory, for demos and tests: thousands of machines, latencies, and faults on demand. Its machines are on
/// the host that it is given, or on one of its own, which may keep them in a folder.
/// </summary>
public sealed partial class SimulatedHypervisor(
    SimulatedOptions options, TimeProvider time, ILogger<SimulatedHypervisor> logger, SimulatedHost? host = null) : IHypervisor
{
    private readonly SimulatedHost host = host ?? SimulatedHost.Open(options, time);
    private readonly CancellationTokenSource disposed = new();

    public string Name => "simulated";

    public bool KeepsLastWords => true;

    public bool KeepsConsole => true;

    /// <summary>What is to go wrong. May be changed at any time.</summary>
    public SimulatedFaults Faults => host.Faults;

    /// <summary>The hardware, for those who want to pull a plug.</summary>
    public SimulatedHost Host => host;

    public async Task<HypervisorHealth> CheckAsync(CancellationToken cancellationToken)
    {
        await PerformAsync(SimulatedStep.Check, null, TimeSpan.Zero, () => { }, cancellationToken);
        return new HypervisorHealth("1.0", CanStart: true, "Simulated: nothing here is real.");
    }

    public async Task<ImageHealth> InspectAsync(BaseImage image, CancellationToken cancellationToken)
    {
        try
        {
            await PerformAsync(SimulatedStep.Inspect, null, TimeSpan.Zero, () => Require(image), cancellationToken);
            return new ImageHealth { DiskMegabytes = options.ImageDisk };
        }
        catch (HypervisorException e)
        {
            return new ImageHealth(e.Message, e.Fault);
        }
    }

    public async Task<IReadOnlyList<SeenVm>> ListAsync(CancellationToken cancellationToken)
    {
        await PerformAsync(SimulatedStep.List, null, TimeSpan.Zero, () => { }, cancellationToken);
        return [.. host.Machines.Select(entry => new SeenVm(entry.Key, entry.Value.Power))];
    }

    public Task EnsureClonedAsync(VmSpecification specification, CancellationToken cancellationToken)
    {
        var id = specification.Id;
        return PerformAsync(SimulatedStep.Clone, id, host.Machines.ContainsKey(id) ? TimeSpan.Zero : options.CloneTime, Clone, cancellationToken);

        void Clone()
        {
            if (!host.Machines.ContainsKey(id))
            {
                Require(specification.Image);
                RequireRoom(specification);
                RequireFreeName(id);
                host.Make(specification);
            }
        }
    }

    public Task EnsureStartedAsync(VmId id, CancellationToken cancellationToken) =>
        PerformAsync(SimulatedStep.Start, id, IsOn(id) ? TimeSpan.Zero : options.StartTime, () => Start(Find(id)), cancellationToken);

    public Task EnsureSavedAsync(VmId id, CancellationToken cancellationToken) =>
        PerformAsync(SimulatedStep.Save, id, IsOn(id) ? options.SaveTime : TimeSpan.Zero, () => Find(id).SaveState(), cancellationToken);

    public Task EnsureLabelledAsync(VmId id, GuestLabels labels, CancellationToken cancellationToken) =>
        PerformAsync(SimulatedStep.Label, id, TimeSpan.Zero, () => Find(id).Label(labels), cancellationToken);

    public Task ConfigureAsync(VmId id, GuestConfiguration configuration, CancellationToken cancellationToken) =>
        PerformAsync(SimulatedStep.Configure, id, TimeSpan.Zero, () => RunningGuest(id).Configure(), cancellationToken);

    public async Task EnsureStoppedAsync(VmId id, TimeSpan grace, CancellationToken cancellationToken)
    {
        var guest = GuestOf(id);
        if (guest is { IsOn: true })
        {
            var obeys = Faults.Take(SimulatedStep.GuestStop, id) is null && options.StopTime < grace;
            await AwaitOffAsync(guest, obeys ? options.StopTime : grace, cancellationToken);
        }

        await PerformAsync(SimulatedStep.Stop, id, TimeSpan.Zero, () => guest?.CutPower(), cancellationToken);
    }

    public async Task EnsureGoneAsync(VmId id, CancellationToken cancellationToken)
    {
        var life = GuestOf(id)?.Life ?? Task.CompletedTask;
        var duration = host.Machines.ContainsKey(id) ? options.RemoveTime : TimeSpan.Zero;
        await PerformAsync(SimulatedStep.Remove, id, duration, () => Remove(id), cancellationToken);
        await life;
    }

    public IAsyncEnumerable<VmObservation> WatchAsync(CancellationToken cancellationToken) =>
        host.Observations.WatchAsync(disposed.Token, cancellationToken);

    public async Task<string> ReadConsoleAsync(VmId id, CancellationToken cancellationToken)
    {
        await PerformAsync(SimulatedStep.ReadConsole, id, TimeSpan.Zero, () => { }, cancellationToken);
        return GuestOf(id)?.Console ?? "";
    }

    public ValueTask DisposeAsync()
    {
        disposed.Cancel();
        host.Leave();
        return ValueTask.CompletedTask;
    }

    private async Task PerformAsync(SimulatedStep step, VmId? id, TimeSpan duration, Action work, CancellationToken cancellationToken)
    {
        var fault = Faults.Take(step, id);
        if (fault is { Kind: SimulatedFaultKind.Hang })
        {
            LogFault(step, id, fault.Kind);
            await Task.Delay(options.Deadline, time, cancellationToken);
            throw new HypervisorException(HypervisorFault.TimedOut, $"{step} did not end within {options.Deadline}.");
        }

        if (fault is { Kind: SimulatedFaultKind.Never })
        {
            LogFault(step, id, fault.Kind);
            await new TaskCompletionSource().Task;
        }

        await Task.Delay(duration, time, cancellationToken);
        if (fault is null or { Kind: SimulatedFaultKind.FailAfterwards })
        {
            work();
        }

        if (fault is not null)
        {
            LogFault(step, id, fault.Kind);
            throw new HypervisorException(fault.Fault, fault.Message);
        }
    }

    private async Task AwaitOffAsync(SimulatedGuest guest, TimeSpan atMost, CancellationToken cancellationToken)
    {
        try
        {
            await guest.Off.WaitAsync(atMost, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The guest had its time; the caller switches it off.
        }
    }

    private void Start(SimulatedMachine machine)
    {
        var id = machine.Specification.Id;
        if (machine.Broken)
        {
            throw new HypervisorException(HypervisorFault.CannotStart, $"The machine {id} is broken. Remove it.");
        }

        var guest = new SimulatedGuest(id, options, host, time, machine.Save) { BootTime = machine.HasState ? TimeSpan.Zero : options.BootTime };
        if (machine.TryBoot(guest))
        {
            host.Observations.Forget(id);
            host.Observations.Publish(new(id, null));
            guest.Begin();
            LogStarted(id);
        }
    }

    private void Remove(VmId id)
    {
        if (host.Machines.TryRemove(id, out var machine))
        {
            machine.Remove();
            host.Observations.Forget(id);
            host.Observations.Publish(new(id, null));
            LogRemoved(id);
        }
    }

    private void Require(BaseImage image)
    {
        if (options.Images.Count > 0 && !options.Images.Contains(image.Source))
        {
            throw new HypervisorException(
                HypervisorFault.ImageUnusable, $"There is no image '{image.Source}' here. There are: {string.Join(", ", options.Images)}.");
        }
    }

    private void RequireRoom(VmSpecification specification)
    {
        if (specification.Hardware?.DiskMegabytes < options.ImageDisk)
        {
            throw TooSmall.Of(specification, options.ImageDisk.Value);
        }
    }

    private void RequireFreeName(VmId id)
    {
        if (host.HasForeign(id))
        {
            throw new HypervisorException(HypervisorFault.Failed, $"A machine vbdp-{id} exists that is not ours. Choose another id.");
        }
    }

    private bool IsOn(VmId id) => host.Machines.GetValueOrDefault(id)?.Power == VmPower.On;

    private SimulatedGuest? GuestOf(VmId id) => host.Machines.GetValueOrDefault(id)?.Guest;

    private SimulatedMachine Find(VmId id) =>
        host.Machines.GetValueOrDefault(id) ?? throw new HypervisorException(HypervisorFault.NotFound, $"There is no machine {id}.");

    private SimulatedGuest RunningGuest(VmId id) =>
        Find(id).Guest is { IsOn: true } guest ? guest : throw new HypervisorException(HypervisorFault.NotFound, $"The machine {id} is not running.");

    [LoggerMessage(LogLevel.Debug, "Started the simulated machine {Id}")]
    private partial void LogStarted(VmId id);

    [LoggerMessage(LogLevel.Debug, "Removed the simulated machine {Id}")]
    private partial void LogRemoved(VmId id);

    [LoggerMessage(LogLevel.Information, "{Step} of {Id} met the fault {Kind} that was asked for")]
    private partial void LogFault(SimulatedStep step, VmId? id, SimulatedFaultKind kind);
}
