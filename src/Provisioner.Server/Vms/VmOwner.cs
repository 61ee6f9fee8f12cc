using Provisioner.Server.Access;

namespace Provisioner.Server.Vms;

/// <summary>Whose a VM is, among the callers that may see it.</summary>
internal static class VmOwner
{
    extension(Vm vm)
    {
        /// <summary>Whether this caller asked for it: for a workflow the same run, in whatever attempt; else the same token or certificate.</summary>
        public bool IsOf(Caller caller) => caller.Workflow is { } workflow
            ? vm.Run?.Id == workflow.RunId && vm.Caller.StartsWith("workflow:", StringComparison.Ordinal)
            : vm.Caller == caller.Name;
    }
}
