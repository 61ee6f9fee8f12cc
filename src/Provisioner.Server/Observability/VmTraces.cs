using System.Collections.Concurrent;
using System.Diagnostics;
using Provisioner.Hypervisors;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Observability;

/// <summary>
/// What is done for a VM, as spans of the trace in which it was asked for: from the request to the last call that removes it. After a restart the request is
/// not known any more, and each action begins a trace of its own.
/// </summary>
internal sealed class VmTraces
{
    public const string Name = "Provisioner.Server";

    private static readonly ActivitySource Source = new(Name);

    private readonly ConcurrentDictionary<VmId, ActivityContext> _requests = new();

    /// <summary>The request that is being answered has asked for this VM. False where nobody traces, and when another request was first.</summary>
    public bool Asked(VmId id) => Activity.Current is { Recorded: true } request && _requests.TryAdd(id, request.Context);

    public Activity? Begin(Vm vm, VmAction action)
    {
        var span = action == VmAction.None
            ? null
            : Source.StartActivity($"vm {action.ToString().ToLowerInvariant()}", ActivityKind.Internal, _requests.GetValueOrDefault(vm.Id));
        span?.SetTag("vbdp.vm", vm.Id.Value).SetTag("vbdp.image", vm.Image);
        return span;
    }

    public void Forget(VmId id) => _requests.TryRemove(id, out _);
}
