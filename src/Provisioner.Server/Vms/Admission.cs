using Provisioner.Server.Configuration;
using Provisioner.Server.Observability;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;

namespace Provisioner.Server.Vms;

/// <summary>Lets new VMs into the queue, which has an end.</summary>
internal sealed class Admission(VmTable vms, HostQueue queue, VmTraces traces, ServerOptions options)
{
    /// <param name="vm">The VM that is wanted.</param>
    /// <param name="mostOfRule">How many of its repository may live under its rule; null: as many as there is room for.</param>
    public Admitted Add(Vm vm, int? mostOfRule)
    {
        var isNew = traces.Asked(vm.Id); // before: it may be worked on before this returns
        var created = false;
        try
        {
            var admitted = TryAdd(vm, mostOfRule);
            created = admitted.Created;
            return admitted;
        }
        finally
        {
            if (isNew && !created)
            {
                traces.Forget(vm.Id);
            }
        }
    }

    private Admitted TryAdd(Vm vm, int? mostOfRule)
    {
        var admitted = vms.TryAdd(vm, options.Vms.MaxQueued, mostOfRule);
        if (admitted.Refusal != NoRoom.QueueFull)
        {
            return admitted;
        }

        queue.Place(); // some may only wait until somebody looks
        return vms.TryAdd(vm, options.Vms.MaxQueued, mostOfRule);
    }
}
