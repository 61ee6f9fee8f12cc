using Provisioner.Client.Api;
using Provisioner.Client.Text;
using Provisioner.Contracts;

namespace Provisioner.Client.Workflow;

/// <summary>Takes a VM away and sees it go. Having nothing to take away is success: single-use runners often end before their delete step.</summary>
internal sealed class DeleteStep(StepRequest request, Registration registration, WorkflowLog log, TimeProvider time)
{
    public async Task RunAsync(CancellationToken interrupted)
    {
        log.Line($"Asking {request.Connection} to delete VM {request.Id}");
        using var api = new VmApi(request.Connection, time);
        var vm = await RequestAsync(api, interrupted);
        if (vm is null)
        {
            Missing();
        }
        else
        {
            await SeeItGoAsync(api, vm, interrupted);
        }

        if (await FindAsync(api, interrupted) is { RegistrationHeld: true } rest)
        {
            await registration.RemoveAsync(rest, interrupted);
        }
    }

    private async Task<VmView?> RequestAsync(VmApi api, CancellationToken interrupted)
    {
        try
        {
            return await new Retries(time, log.Line).RunAsync(token => api.DeleteAsync(request.Id, token), interrupted);
        }
        catch (OperationCanceledException)
        {
            log.Line(await new PartingDelete(api, time).RunAsync(request.Id, mayStillCome: false));
            throw;
        }
    }

    private void Missing()
    {
        if (request.FailOnMissing)
        {
            throw new ClientException(ExitCode.NotFound, "No such VM", $"There is no VM {request.Id}.", "Check id, or leave out fail-on-missing if it may be gone already.");
        }

        log.Notice("Nothing to delete", $"There is no VM {request.Id} (any more).");
    }

    private async Task SeeItGoAsync(VmApi api, VmView vm, CancellationToken interrupted)
    {
        if (vm.Phase == VmPhase.Gone)
        {
            log.Change(PhaseName.Of(vm.Phase), vm.Reason);
            return;
        }

        using var budget = new CancellationTokenSource(request.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interrupted, budget.Token);
        try
        {
            await foreach (var change in new VmEvents(api, time, log.Line).FollowAsync(vm.Id, either.Token))
            {
                if (change.Phase is VmPhase.Deleting or VmPhase.Gone)
                {
                    log.Change(PhaseName.Of(change.Phase), change.Message);
                }
            }
        }
        catch (ClientException error) when (error.ExitCode == ExitCode.NotFound)
        {
            log.Line("The server knows the VM no more.");
        }
        catch (OperationCanceledException) when (!interrupted.IsCancellationRequested)
        {
            // It is written down at the server, so it will happen.
            log.Warning("Still deleting", $"VM {vm.Id} was not gone after {Duration.Format(request.Timeout)}. The server goes on without us; see its log if the VM stays.");
        }
    }

    private async Task<VmView?> FindAsync(VmApi api, CancellationToken interrupted)
    {
        try
        {
            return await new Retries(time, log.Line).RunAsync(token => api.ShowAsync(request.Id, token), interrupted);
        }
        catch (ClientException error) when (error.ExitCode == ExitCode.NotFound)
        {
            return null;
        }
    }
}
