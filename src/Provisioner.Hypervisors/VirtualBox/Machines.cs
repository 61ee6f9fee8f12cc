namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Asks VirtualBox for machines of ours, always by UUID, and says whether they really are. What stands in their settings files is cheaper to read.
/// </summary>
internal sealed class Machines(VBoxManage vbox, VmMark mark, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>The machine with this id; null when there is none, or when somebody took it over by renaming or moving it.</summary>
    public async Task<SeenMachine?> FindAsync(VmId id, CancellationToken cancellationToken)
    {
        var uuid = mark.UuidOf(id).ToString();
        var result = await vbox.TryRunAsync(["showvminfo", uuid, "--machinereadable"], cancellationToken);
        if (result.IsNotFound)
        {
            return null;
        }

        if (result.IsInaccessible)
        {
            return new SeenMachine(id, uuid, null, IsComplete: false);
        }

        if (!result.Succeeded)
        {
            throw VBoxManage.Failed(["showvminfo"], result);
        }

        var info = VmInfo.Parse(result.Output);
        return mark.IsOurs(id, info) ? new SeenMachine(id, uuid, info, VmMark.IsComplete(id, info)) : null;
    }

    /// <summary>The machine with this id, complete.</summary>
    public async Task<SeenMachine> RequireAsync(VmId id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { IsComplete: true } machine
            ? machine
            : throw NotFound(id);

    public static HypervisorException NotFound(VmId id) => new(HypervisorFault.NotFound, $"There is no machine {id} in this VirtualBox.");

    public async Task<bool> IsOnAsync(VmId id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { Power: VmPower.On };

    public async Task<bool> IsOffAsync(VmId id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is null or { Power: VmPower.Off };

    public async Task<string?> ReadExtraDataAsync(string uuid, string key, CancellationToken cancellationToken) =>
        GuestPropertyText.ParseValue(await vbox.RunAsync(["getextradata", uuid, key], cancellationToken));

    public async Task<IReadOnlyList<RegisteredVm>> ListAllAsync(CancellationToken cancellationToken) =>
        RegisteredVm.ParseList(await vbox.RunAsync(["list", "vms"], cancellationToken));

    public async Task<IReadOnlySet<Guid>> ListRunningAsync(CancellationToken cancellationToken) =>
        RegisteredVm.ParseList(await vbox.RunAsync(["list", "runningvms"], cancellationToken)).Select(vm => vm.Uuid).ToHashSet();

    /// <summary>Waits until the machine is switched off; false when it is not within that time.</summary>
    public async Task<bool> AwaitOffAsync(VmId id, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            if (await IsOffAsync(id, cancellationToken))
            {
                return true;
            }

            if (time.GetElapsedTime(started) >= atMost)
            {
                return false;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}
