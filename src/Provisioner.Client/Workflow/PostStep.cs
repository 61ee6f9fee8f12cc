using Provisioner.Client.Api;

namespace Provisioner.Client.Workflow;

/// <summary>
/// Runs at the end of the job that created the VM, which is before the job that uses it. So it does nothing when the creation
/// succeeded, and takes the VM away when the main step failed, was cancelled or was killed.
/// </summary>
internal sealed class PostStep(IReadOnlyDictionary<string, string> environment, WorkflowLog log, TimeProvider time)
{
    public async Task RunAsync(CancellationToken interrupted)
    {
        if (StepState.Read(environment, StepState.VmId) is not { Length: > 0 } id || StepState.Read(environment, StepState.Ready) == "true")
        {
            return;
        }

        if (new ConnectionInputs(new Inputs(environment), [], new JobTokens(environment, log.Mask, time)).Read() is not { } connection)
        {
            return;
        }

        log.Line($"The creation of VM {id} did not end well: deleting what may be left of it");
        using var api = new VmApi(connection, time);
        try
        {
            var vm = await new Retries(time, log.Line).RunAsync(token => api.DeleteAsync(id, token), interrupted);
            log.Line(vm is null ? "Nothing was left." : "It is being deleted.");
        }
        catch (OperationCanceledException)
        {
            log.Line(await new PartingDelete(api, time).RunAsync(id, mayStillCome: false));
            throw;
        }
        catch (ClientException error)
        {
            log.Warning("VM may be left", $"{error.Message} The server removes VM {id} when its lifetime is over.");
        }
    }
}
