namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Asks VirtualBox for the state of one machine. That is slow: it is for machines that are not simply on or off.</summary>
internal sealed class PowerStates(VBoxHost host)
{
    /// <summary>The power of this machine; null when VirtualBox does not know it.</summary>
    public async Task<VmPower?> AskAsync(VmId id, CancellationToken cancellationToken)
    {
        var result = await host.Manage.TryRunAsync(["showvminfo", host.Mark.UuidOf(id).ToString(), "--machinereadable"], cancellationToken);
        if (result.IsNotFound)
        {
            return null;
        }

        if (result.IsInaccessible)
        {
            return VmPower.Broken;
        }

        return result.Succeeded ? VmInfo.Parse(result.Output).Power : throw VBoxManage.Failed(["showvminfo"], result);
    }
}
