using System.Collections.Frozen;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Placement;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Api;

/// <summary>VMs as their owners see them, with the reason of their state in words and their position in the queue.</summary>
internal sealed class VmViews(HostQueue queue, ServerOptions options)
{
    public VmView Of(Vm vm, Caller caller) => Of([vm], caller)[0];

    public VmView[] Of(IReadOnlyList<Vm> vms, Caller caller)
    {
        var places = vms.Any(vm => vm.IsQueued) ? queue.Look() : FrozenDictionary<VmId, QueuePlace>.Empty;
        return [.. vms.Select(vm => View(vm, places.GetValueOrDefault(vm.Id), caller))];
    }

    private VmView View(Vm vm, QueuePlace? place, Caller caller) => vm.ToView(options.HostName) with
    {
        // Who knows the label that the server made can take the runner: others of the repository may look, and not that closely.
        Labels = vm.IsOf(caller) ? vm.Labels : [.. vm.Labels.Where(label => !OwnLabel.Is(label))],
        Explanation = VmExplanation.Of(vm, place, options.Vms),
        Position = vm.IsQueued ? place?.Position : null,
        Lack = vm.IsQueued ? place?.Lack : null,
        Relief = vm.IsQueued ? place?.Relief : null,
        Deadline = VmDeadlines.Next(vm, options.Vms),
    };
}
