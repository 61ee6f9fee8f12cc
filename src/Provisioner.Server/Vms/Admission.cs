using Provisioner.Server.Configuration;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;

namespace Provisioner.Server.Vms;

/// <summary>Lets new VMs into the queue, which has an end.</summary>
internal sealed class Admission(VmTable vms, HostQueue queue, ServerOptions options)
{
    /// <summary>The VM that stands now, and whether it is new; null, with nothing written, when the queue is full.</summary>
    public (Vm Vm, bool Created)? Add(Vm vm)
    {
        if (vms.TryAdd(vm, options.Vms.MaxQueued) is { } added)
        {
            return added;
        }

        queue.Place(); // some may only wait until somebody looks
        return vms.TryAdd(vm, options.Vms.MaxQueued);
    }
}
