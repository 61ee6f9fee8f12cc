namespace Provisioner.Hypervisors.Simulated;

/// <summary>The faults that are still to happen. The first that fits is taken, so add the special ones before the general.</summary>
public sealed class SimulatedFaults(IEnumerable<SimulatedFault> faults)
{
    private readonly Lock gate = new();
    private readonly List<(SimulatedFault Fault, int Left)> pending = [.. faults.Select(fault => (fault, fault.Times ?? int.MaxValue))];

    public void Add(SimulatedFault fault)
    {
        lock (gate)
        {
            pending.Add((fault, fault.Times ?? int.MaxValue));
        }
    }

    public void Clear()
    {
        lock (gate)
        {
            pending.Clear();
        }
    }

    internal SimulatedFault? Take(SimulatedStep step, VmId? id)
    {
        lock (gate)
        {
            var index = pending.FindIndex(entry => entry.Left > 0 && entry.Fault.Hits(step, id));
            if (index < 0)
            {
                return null;
            }

            var (fault, left) = pending[index];
            pending[index] = (fault, fault.Times is null ? left : left - 1);
            return fault;
        }
    }
}
