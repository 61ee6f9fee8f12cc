using System.Collections.Concurrent;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Lists machines of ours. Two cheap calls name all machines and those that run; only a machine that is new to us or does not
/// run is looked at more closely, because that costs two calls more for each; all are when the disk is nearly full.
/// </summary>
internal sealed class Inventory(VBoxHost host)
{
    private const int AtOnce = 4;

    private readonly ConcurrentDictionary<Guid, VmId> known = [];
    private bool wasFull;

    public async Task<IReadOnlyList<SeenVm>> ListAsync(IReadOnlyList<RegisteredVm> registered, CancellationToken cancellationToken)
    {
        var running = await host.Machines.ListRunningAsync(cancellationToken);
        var full = FreeSpace.Of(host.Mark.Folder) <= host.Options.ReserveBytes;
        // A machine that VirtualBox has paused because the disk is full counts as running, also when there is room again.
        var trusted = full || wasFull ? new HashSet<Guid>() : running;
        var seen = new ConcurrentBag<SeenVm>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Candidates(registered), options, async (id, token) =>
        {
            if (await LookAsync(id, trusted, token) is { } power)
            {
                seen.Add(new SeenVm(id, power));
            }
        });
        Forget(registered);
        wasFull = full;
        return [.. seen.OrderBy(vm => vm.Id.Value, StringComparer.Ordinal)];
    }

    /// <summary>Which machines of ours run now: one cheap call, as long as none is new.</summary>
    public async Task<IReadOnlySet<VmId>> ListRunningAsync(CancellationToken cancellationToken)
    {
        var output = RegisteredVm.ParseList(await host.Manage.RunAsync(["list", "runningvms"], cancellationToken));
        var running = new HashSet<VmId>();
        foreach (var id in ByName(output))
        {
            if (known.ContainsKey(host.Mark.UuidOf(id)) || await FindAsync(id, cancellationToken) is { IsComplete: true })
            {
                running.Add(id);
            }
        }

        return running;
    }

    /// <summary>Clones that were cut short, and folders that no machine has.</summary>
    public IReadOnlyList<VmId> ListLeftovers(IReadOnlyList<RegisteredVm> registered, IReadOnlyList<SeenVm> seen)
    {
        var whole = seen.Select(vm => vm.Id).ToHashSet();
        return [.. Folders().Union(ByName(registered)).Where(id => !whole.Contains(id))];
    }

    private async Task<VmPower?> LookAsync(VmId id, IReadOnlySet<Guid> running, CancellationToken cancellationToken)
    {
        var uuid = host.Mark.UuidOf(id);
        if (running.Contains(uuid) && known.ContainsKey(uuid))
        {
            return VmPower.On;
        }

        return await FindAsync(id, cancellationToken) switch
        {
            { Info: null } => VmPower.Broken,
            { IsComplete: true } machine => machine.Power,
            _ => null,
        };
    }

    private async Task<SeenMachine?> FindAsync(VmId id, CancellationToken cancellationToken)
    {
        var machine = await host.Machines.FindAsync(id, cancellationToken);
        if (machine is { IsComplete: true })
        {
            known[host.Mark.UuidOf(id)] = id;
        }

        return machine;
    }

    // A machine whose settings cannot be read has no name, but its folder has.
    private IEnumerable<VmId> Candidates(IReadOnlyList<RegisteredVm> registered)
    {
        var uuids = registered.Select(vm => vm.Uuid).ToHashSet();
        return ByName(registered).Union(Folders().Where(id => uuids.Contains(host.Mark.UuidOf(id))));
    }

    private IEnumerable<VmId> ByName(IReadOnlyList<RegisteredVm> registered)
    {
        foreach (var vm in registered)
        {
            if (VmMark.TryParseName(vm.Name, out var id) && vm.Uuid == host.Mark.UuidOf(id))
            {
                yield return id;
            }
        }
    }

    private IEnumerable<VmId> Folders()
    {
        var folders = Directory.Exists(host.Mark.Folder) ? Directory.EnumerateDirectories(host.Mark.Folder) : [];
        foreach (var folder in folders)
        {
            if (VmMark.TryParseName(Path.GetFileName(folder), out var id))
            {
                yield return id;
            }
        }
    }

    private void Forget(IReadOnlyList<RegisteredVm> registered)
    {
        var uuids = registered.Select(vm => vm.Uuid).ToHashSet();
        foreach (var gone in known.Keys.Where(uuid => !uuids.Contains(uuid)))
        {
            known.TryRemove(gone, out _);
        }
    }
}
