using System.Collections.Concurrent;

namespace Provisioner.Hypervisors.Simulated;

/// <summary>
/// The hardware of the simulation. Its machines live on when the driver that made them is disposed, as real ones do when a
/// server restarts; give it to the next driver to find them again.
/// </summary>
public sealed class SimulatedHost(IEnumerable<SimulatedFault>? faults = null)
{
    private readonly ConcurrentDictionary<string, byte> foreign = [];

    public SimulatedFaults Faults { get; } = new(faults ?? []);

    internal Observations Observations { get; } = new();

    internal ConcurrentDictionary<VmId, SimulatedMachine> Machines { get; } = [];

    /// <summary>Adds a machine of somebody else, by the name that it has on the hypervisor (ours are named <c>vbdp-ID</c>).</summary>
    public void AddForeign(string name) => foreign.TryAdd(name, 0);

    public bool HasForeign(string name) => foreign.ContainsKey(name);

    /// <summary>Takes a running machine's power away, as a crash of its process would.</summary>
    public void CutPower(VmId id) => Machines.GetValueOrDefault(id)?.Guest?.CutPower();

    /// <summary>Makes a machine one that can only be removed.</summary>
    public void Break(VmId id)
    {
        if (Machines.TryGetValue(id, out var machine))
        {
            machine.Broken = true;
            Observations.Publish(new(id, null));
        }
    }
}
