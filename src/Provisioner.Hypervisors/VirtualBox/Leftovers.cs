using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Sweeps up what a crash left: half-made clones, folders without a machine, and disks that VirtualBox still knows although
/// their files are gone. Only what is old enough to be nobody's work in progress, such as that of a VBoxManage that outlived us.
/// </summary>
internal sealed partial class Leftovers(VBoxHost host, Removal removal, VmLocks locks, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Age = TimeSpan.FromMinutes(1);

    private readonly Dictionary<VmId, long> firstSeen = [];
    private readonly HashSet<VmId> refused = [];
    private int sweeping;
    private bool disksSwept;

    public async Task SweepAsync(IReadOnlyList<VmId> leftovers, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref sweeping, 1) == 1)
        {
            return;
        }

        try
        {
            SweepSecrets();
            await SweepDisksOnceAsync(cancellationToken);
            foreach (var id in Due(leftovers))
            {
                using var turn = await locks.EnterAsync(id, cancellationToken);
                await TryRemoveAsync(id, cancellationToken);
            }
        }
        catch (HypervisorException e)
        {
            LogNotSwept(e);
        }
        finally
        {
            Volatile.Write(ref sweeping, 0);
        }
    }

    public void SweepSecrets() => SecretFile.Sweep(host.Options.SecretFolder, time.GetUtcNow(), 2 * host.Options.Deadline);

    private List<VmId> Due(IReadOnlyList<VmId> leftovers)
    {
        var now = time.GetTimestamp();
        foreach (var gone in firstSeen.Keys.Except(leftovers).ToList())
        {
            firstSeen.Remove(gone);
            refused.Remove(gone);
        }

        foreach (var id in leftovers.Where(id => !locks.IsHeld(id)))
        {
            firstSeen.TryAdd(id, now);
        }

        return [.. firstSeen.Where(entry => time.GetElapsedTime(entry.Value, now) >= Age && !locks.IsHeld(entry.Key)).Select(entry => entry.Key)];
    }

    // One that cannot be removed keeps no other from being swept, and is said once.
    private async Task TryRemoveAsync(VmId id, CancellationToken cancellationToken)
    {
        try
        {
            await RemoveAsync(id, cancellationToken);
        }
        catch (Exception e) when (e is HypervisorException or IOException or UnauthorizedAccessException)
        {
            firstSeen[id] = time.GetTimestamp();
            if (refused.Add(id))
            {
                LogRefused(id, e.Message);
            }
        }
    }

    private async Task RemoveAsync(VmId id, CancellationToken cancellationToken)
    {
        // It may have been finished, made anew or removed while this waited for its turn.
        var machine = await host.Machines.FindAsync(id, cancellationToken);
        if (machine is { IsComplete: false } || (machine is null && Directory.Exists(host.Mark.FolderOf(id))))
        {
            await removal.RemoveAsync(id, cancellationToken);
            LogSwept(id);
        }

        firstSeen.Remove(id);
    }

    // A disk whose file is gone is nobody's work in progress.
    private async Task SweepDisksOnceAsync(CancellationToken cancellationToken)
    {
        if (disksSwept)
        {
            return;
        }

        var ours = host.Mark.FolderOf(VmId.Parse("x"))[..^1];
        await removal.ForgetDisksAsync(
            disk => disk.Location.StartsWith(ours, StringComparison.Ordinal) && !File.Exists(disk.Location), cancellationToken);
        disksSwept = true;
    }

    [LoggerMessage(LogLevel.Information, "Swept what was left of machine {Id}")]
    private partial void LogSwept(VmId id);

    [LoggerMessage(LogLevel.Warning, "What is left of machine {Id} was not swept; it is tried again now and then, silently: {Cause}")]
    private partial void LogRefused(VmId id, string cause);

    [LoggerMessage(LogLevel.Warning, "Leftovers could not be swept; it is tried again")]
    private partial void LogNotSwept(Exception exception);
}
