namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Finds machines of ours, always by UUID, and says whether they really are.</summary>
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
        if (!mark.IsOurs(id, info))
        {
            return null;
        }

        return new SeenMachine(id, uuid, info, await ReadExtraDataAsync(uuid, VmMark.Key, cancellationToken) == uuid);
    }

    /// <summary>The machine with this id, complete.</summary>
    public async Task<SeenMachine> RequireAsync(VmId id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { IsComplete: true } machine
            ? machine
            : throw new HypervisorException(HypervisorFault.NotFound, $"There is no machine {id} in this VirtualBox.");

    public async Task<string?> ReadExtraDataAsync(string uuid, string key, CancellationToken cancellationToken) =>
        GuestPropertyText.ParseValue(await vbox.RunAsync(["getextradata", uuid, key], cancellationToken));

    public async Task<IReadOnlyList<RegisteredVm>> ListAllAsync(CancellationToken cancellationToken) =>
        RegisteredVm.ParseList(await vbox.RunAsync(["list", "vms"], cancellationToken));

    public async Task<IReadOnlySet<Guid>> ListRunningAsync(CancellationToken cancellationToken) =>
        RegisteredVm.ParseList(await vbox.RunAsync(["list", "runningvms"], cancellationToken)).Select(vm => vm.Uuid).ToHashSet();

    /// <summary>Waits until the machine is switched off; false when it is not within that time.</summary>
    public async Task<bool> AwaitOffAsync(SeenMachine machine, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var seen = await FindAsync(machine.Id, cancellationToken);
            if (seen is null or { Power: VmPower.Off })
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
