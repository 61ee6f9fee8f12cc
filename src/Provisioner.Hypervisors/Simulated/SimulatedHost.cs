using System.Collections.Concurrent;

namespace Provisioner.Hypervisors.Simulated;

/// <summary>
/// The hardware of the simulation. Its machines live on when the driver that made them is disposed, as real ones do when a
/// server restarts; give it to the next driver to find them again. With a folder they outlive the process too.
/// </summary>
public sealed class SimulatedHost(IEnumerable<SimulatedFault>? faults = null)
{
    private readonly ConcurrentDictionary<string, byte> foreign = [];
    private readonly Lock making = new();
    private SimulatedFolder? folder;

    public SimulatedFaults Faults { get; } = new(faults ?? []);

    internal Observations Observations { get; } = new();

    internal ConcurrentDictionary<VmId, SimulatedMachine> Machines { get; } = [];

    /// <summary>Adds a machine of somebody else, by the name that it has on the hypervisor (ours are named <c>vbdp-ID</c>).</summary>
    public void AddForeign(string name) => foreign.TryAdd(name, 0);

    public bool HasForeign(string name) => foreign.ContainsKey(name);

    internal bool HasForeign(VmId id) => HasForeign($"vbdp-{id}") || folder?.HasForeign(id) == true;

    /// <summary>The host whose machines are in the options' folder, switched on or off as the last server left them.</summary>
    internal static SimulatedHost Open(SimulatedOptions options, TimeProvider time)
    {
        var host = new SimulatedHost(options.Faults);
        if (options.Folder is not { Length: > 0 } path)
        {
            return host;
        }

        host.folder = new SimulatedFolder(path);
        foreach (var (id, saved) in host.folder.Ours().ToList())
        {
            host.Restore(id, saved, options, time);
        }

        return host;
    }

    internal void Make(VmSpecification specification)
    {
        var machine = new SimulatedMachine(specification, folder);
        lock (making)
        {
            RequireFreeDevices(specification);
            if (Machines.TryAdd(specification.Id, machine))
            {
                machine.Save();
            }
        }
    }

    // As real devices do: who comes second gets none.
    private void RequireFreeDevices(VmSpecification specification)
    {
        foreach (var lease in specification.Hardware?.Leases ?? [])
        {
            if (Machines.Values.FirstOrDefault(other => other.Specification.Id != specification.Id && other.Specification.Hardware?.Leases.Contains(lease) == true) is { } holder)
            {
                throw new HypervisorException(HypervisorFault.DeviceAbsent, $"The device {lease} is in use by {holder.Specification.Id}.");
            }
        }
    }

    /// <summary>The driver is no more: what is in files stands still, for the next one.</summary>
    internal void Leave()
    {
        if (folder is not null)
        {
            Machines.Values.ToList().ForEach(machine => machine.Freeze());
        }
    }

    private void Restore(VmId id, SavedSimulatedMachine saved, SimulatedOptions options, TimeProvider time)
    {
        var machine = new SimulatedMachine(saved.Specify(id), folder);
        var guest = saved.Starts == 0 ? null : new SimulatedGuest(id, options, this, time, machine.Save);
        guest?.Restore(saved);
        machine.Restore(saved, guest);
        Machines[id] = machine;
        if (saved.Report is { } report)
        {
            Observations.Publish(new(id, report));
        }

        if (saved.IsOn)
        {
            guest?.Begin();
        }
    }

    /// <summary>Takes a running machine's power away, as a crash of its process would.</summary>
    public void CutPower(VmId id) => Machines.GetValueOrDefault(id)?.Guest?.CutPower();

    /// <summary>Makes a machine one that can only be removed.</summary>
    public void Break(VmId id)
    {
        if (Machines.TryGetValue(id, out var machine))
        {
            machine.Broken = true;
            machine.Save();
            Observations.Publish(new(id, null));
        }
    }
}
