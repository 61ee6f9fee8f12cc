using System.Collections.Frozen;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Placement;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Api;

/// <summary>VMs as their owners see them, with the reason of their state in words and their position in the queue.</summary>
internal sealed class VmViews(HostQueue queue, ServerOptions options)
{
    public VmView Of(Vm vm) => Of([vm])[0];

    public VmView[] Of(IReadOnlyList<Vm> vms)
    {
        var places = vms.Any(vm => vm.IsQueued) ? queue.Look() : FrozenDictionary<VmId, QueuePlace>.Empty;
        return [.. vms.Select(vm => View(vm, places.GetValueOrDefault(vm.Id)))];
    }

    private VmView View(Vm vm, QueuePlace? place) => vm.ToView(options.HostName) with
    {
        Explanation = VmExplanation.Of(vm, place, options.Vms),
        Position = vm.IsQueued ? place?.Position : null,
    };
}
