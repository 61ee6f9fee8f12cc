using Provisioner.Client.Api;
using Provisioner.Client.Text;
using Provisioner.Contracts;

namespace Provisioner.Client.Workflow;

/// <summary>Asks for a VM, waits until its runner is online, and tells the next job its label.</summary>
internal sealed class CreateStep(StepRequest request, WorkflowLog log, StepFiles files, TimeProvider time)
{
    private readonly List<(VmEvent Change, TimeSpan At)> _changes = [];

    public async Task RunAsync(CancellationToken interrupted)
    {
        // Saved first: if this program is killed at any moment from here on, the post step knows what to take away.
        files.State(StepState.VmId, request.Id);
        log.Line($"Asking {request.Connection} for VM {request.Id} from image {request.Vm.Image}");
        using var api = new VmApi(request.Connection, time);
        var creation = new VmCreation(api, time, log.Line);
        var vm = await RequestAsync(creation, interrupted);
        log.Group("VM", Facts(vm));
        if (creation.NotOurs)
        {
            log.Notice("VM found", $"VM {vm.Id} was there already, and is used again. Several VMs in one run need different names (input name).");
        }

        try
        {
            await creation.WaitAsync(vm.Id, request.Timeout, Report, interrupted);
        }
        catch (ClientException error)
        {
            files.Summary(StepSummary.Of(vm, error.Title, _changes));
            throw;
        }

        files.Output("label", vm.Labels is [var label, ..] ? label : vm.Id);
        files.Output("vm-id", vm.Id);
        files.Output("runner-name", vm.Id);
        files.Summary(StepSummary.Of(vm, $"online after {log.Elapsed.TotalSeconds:0.0} s", _changes));
        if (interrupted.IsCancellationRequested)
        {
            // Cancelled in the moment of success: the job that was to use the VM never comes.
            await creation.GiveUpAsync(vm.Id);
            interrupted.ThrowIfCancellationRequested();
        }

        files.State(StepState.Ready, "true");
        log.Line("The runner is online. Let the next job say: runs-on: ${{ needs.<this job>.outputs.label }}");
    }

    private async Task<VmView> RequestAsync(VmCreation creation, CancellationToken interrupted)
    {
        try
        {
            return await creation.RequestAsync(request.Vm, interrupted);
        }
        finally
        {
            // The post step must not take away what another request made.
            if (creation.NotOurs)
            {
                files.State(StepState.Ready, "true");
            }
        }
    }

    private void Report(VmEvent change)
    {
        _changes.Add((change, log.Elapsed));
        log.Change(PhaseName.Of(change.Phase), change.Message);
    }

    private static IEnumerable<string> Facts(VmView vm) =>
    [
        $"id          {vm.Id}",
        $"image       {vm.Image}",
        $"host        {vm.Host}",
        $"repository  {vm.Repository}",
        $"labels      {StepSummary.Labels(vm)}",
        $"expires     {vm.ExpiresAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC",
    ];
}
