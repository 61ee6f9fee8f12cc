using Provisioner.Contracts;
using Provisioner.Server.Store;

namespace Provisioner.Server.Vms;

/// <summary>The edge towards the store: that it fails is no fault of a VM, whose action is tried again after a pause.</summary>
internal sealed partial class VmWork
{
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(2);

    public async Task DoAsync(Vm vm, VmAction action, CancellationToken cancellationToken)
    {
        try
        {
            await TryAsync(vm, action, cancellationToken);
        }
        catch (StoreException problem)
        {
            LogRefused(action, vm.Id, problem.Message);
            Postpone(vm.Id, action);
            _thoughts.TryRemove(vm.Id, out _); // what the guest said meanwhile could not be written either
        }
    }

    /// <summary>Ends a VM whose deadline has passed.</summary>
    public async Task ExpireAsync(Vm vm, VmFailure failure, CancellationToken cancellationToken)
    {
        try
        {
            await FailAsync(vm, failure, cancellationToken);
        }
        catch (StoreException problem)
        {
            LogRefusedBesides("ending it", vm.Id, problem.Message);
            await Task.Delay(StorePause, time, cancellationToken);
        }
    }
}
