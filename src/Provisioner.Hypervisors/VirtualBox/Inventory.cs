namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Lists machines of ours from what lies in their folder and what runs, without a call of VirtualBox (ADR 10). Whether VirtualBox
/// still knows them is asked now and then, since nothing but a person's hand changes that behind our back.
/// </summary>
internal sealed class Inventory(VBoxHost host, MachineFolders folders, RunningMachines running, PowerStates states, VmLocks locks, TimeProvider time)
{
    private const int AtOnce = 4;
    private static readonly TimeSpan Renewal = TimeSpan.FromMinutes(5);

    // What VirtualBox said of the settings file as it was then; no power means that it does not know the machine.
    private readonly Dictionary<(VmId Id, MachineFolders.Entry File), VmPower?> said = [];
    private IReadOnlyList<VmId> withoutFolder = [];
    private long? renewedAt;
    private bool wasFull;

    // Not disposed of: it holds nothing.
    private SemaphoreSlim Turn { get; } = new(1);

    public async Task<Listing> ListAsync(CancellationToken cancellationToken)
    {
        await Turn.WaitAsync(cancellationToken);
        try
        {
            // Before VirtualBox is asked: what is complete by now is registered.
            var files = folders.Read();
            await RenewAsync(files, cancellationToken);
            var power = await running.LookAsync(cancellationToken);
            var seen = new List<SeenVm>();
            foreach (var (id, file) in files)
            {
                if (await LookAsync(id, file, power, cancellationToken) is { } found)
                {
                    seen.Add(new SeenVm(id, found));
                }
            }

            var sure = await MakeSureAsync(seen, cancellationToken);
            return new Listing(
                [.. sure.OrderBy(vm => vm.Id.Value, StringComparer.Ordinal)],
                [.. files.Keys.Union(withoutFolder).Except(seen.Select(vm => vm.Id))]);
        }
        finally
        {
            Turn.Release();
        }
    }

    private async Task RenewAsync(IReadOnlyDictionary<VmId, MachineFolders.Entry> files, CancellationToken cancellationToken)
    {
        if (renewedAt is { } at && time.GetElapsedTime(at) < Renewal)
        {
            return;
        }

        var registered = await host.Machines.ListAllAsync(cancellationToken);
        var uuids = registered.Select(vm => vm.Uuid).ToHashSet();
        said.Clear();
        foreach (var (id, file) in files.Where(file => !uuids.Contains(host.Mark.UuidOf(file.Key))))
        {
            // A list may be empty for no reason, and a machine that is not listed counts as lost: VirtualBox has to say so of each.
            said[(id, file)] = file.Content == MachineFolders.Content.Complete ? await states.AskAsync(id, cancellationToken) : null;
        }

        withoutFolder = [.. RegisteredVm.Ours(registered, host.Mark).Except(files.Keys)];
        renewedAt = time.GetTimestamp();
    }

    // Null when it is none of ours, or not complete.
    private async Task<VmPower?> LookAsync(
        VmId id, MachineFolders.Entry file, IReadOnlyDictionary<VmId, VmPower> power, CancellationToken cancellationToken)
    {
        if (file.Content == MachineFolders.Content.NotOurs)
        {
            return null;
        }

        // One whose settings were lost while it runs may end its job.
        if (power.TryGetValue(id, out var now))
        {
            return now;
        }

        if (said.TryGetValue((id, file), out var answer))
        {
            return answer;
        }

        if (file.Content == MachineFolders.Content.Complete)
        {
            return VmPower.Off;
        }

        // It is being made or removed just now: asking would hold this listing up, and get in the way of that.
        if (locks.IsHeld(id))
        {
            return null;
        }

        return said[(id, file)] = await states.AskAsync(id, cancellationToken);
    }

    // A machine that VirtualBox has paused because the disk is full counts as running, also when there is room again.
    private async Task<IEnumerable<SeenVm>> MakeSureAsync(List<SeenVm> seen, CancellationToken cancellationToken)
    {
        var full = FreeSpace.Of(host.Mark.Folder) <= host.Options.ReserveBytes;
        var doubtful = full || wasFull;
        if (doubtful)
        {
            var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, seen.Count, options, async (i, token) =>
            {
                if (seen[i].Power == VmPower.On)
                {
                    seen[i] = seen[i] with { Power = await states.AskAsync(seen[i].Id, token) ?? VmPower.Off };
                }
            });
        }

        wasFull = full;
        return seen;
    }

    /// <param name="Seen">The machines that are complete.</param>
    /// <param name="Leftovers">Clones that were cut short, folders that no machine has, and machines that have none.</param>
    internal sealed record Listing(IReadOnlyList<SeenVm> Seen, IReadOnlyList<VmId> Leftovers);
}
