using System.Collections.Concurrent;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Finds what an image's alias stands for. Names are looked up by us, exactly, and once: VirtualBox takes a name that begins
/// with a dash for an option, one that looks like a UUID for a UUID, and of two snapshots with the same name the oldest.
/// </summary>
internal sealed class Images(VBoxManage vbox, VmMark mark, TimeProvider time)
{
    private const int ReadAttempts = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentDictionary<BaseImage, BaseMachine> resolved = [];

    // Two that look at the same machine at once are in each other's way.
    private SemaphoreSlim Turn { get; } = new(1);

    /// <exception cref="HypervisorException">The image cannot be used.</exception>
    public async Task<BaseMachine> ResolveAsync(BaseImage image, CancellationToken cancellationToken)
    {
        if (resolved.TryGetValue(image, out var known) && IsStill(image, known))
        {
            return known;
        }

        await Turn.WaitAsync(cancellationToken);
        try
        {
            var registered = await ListAsync(cancellationToken);
            if (Named(image, registered).Count == 0)
            {
                // A list may be empty for no reason, and images are not missing every day.
                registered = await ListAsync(cancellationToken);
            }

            return resolved[image] = await LookAsync(image, Find(image, registered).Uuid.ToString(), cancellationToken);
        }
        finally
        {
            Turn.Release();
        }
    }

    /// <summary>Makes the next call look again, because VirtualBox did not know what was found before.</summary>
    public void Forget(BaseImage image) => resolved.TryRemove(image, out _);

    // Its settings file tells without a process: whether it has the same name and snapshots as when it was found.
    private static bool IsStill(BaseImage image, BaseMachine known) =>
        SettingsFile.TryRead(known.SettingsFile) is { } settings && settings.Uuid.ToString() == known.Uuid
        && (settings.Name == image.Source || Guid.TryParse(image.Source, out _))
        && Matching(image, settings.Snapshots) is [var snapshot] && snapshot.Uuid.ToString() == known.Snapshot;

    private async Task<BaseMachine> LookAsync(BaseImage image, string uuid, CancellationToken cancellationToken)
    {
        var info = VmInfo.Parse(await vbox.RunAsync(["showvminfo", uuid, "--machinereadable"], cancellationToken));
        if (info.SettingsFile.StartsWith(mark.Folder + "/", StringComparison.Ordinal))
        {
            throw Unusable($"Image machine '{image.Source}' lies in the folder of machines that are made and removed here ({mark.Folder}). Move it elsewhere.");
        }

        if (info.Disks.FirstOrDefault(disk => !File.Exists(disk)) is { } missing)
        {
            throw Unusable($"The disk {missing} of image machine '{image.Source}' does not exist. Restore it from your backup.");
        }

        // VirtualBox's own list of snapshots is empty now and then, where many ask at once.
        var settings = await ReadAsync(image, info.SettingsFile, cancellationToken);
        var snapshot = Find(image, settings.Snapshots);
        return new BaseMachine(uuid, snapshot.Uuid.ToString(), info.SettingsFile) { DiskMegabytes = info.Disks.Count > 0 ? VdiFile.ReadMegabytes(info.Disks[0]) : null };
    }

    // Each clone that is made of it has its settings written anew, and for a moment there is no file of that name.
    private async Task<SettingsFile> ReadAsync(BaseImage image, string path, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= ReadAttempts; attempt++)
        {
            if (SettingsFile.TryRead(path) is { } settings)
            {
                return settings;
            }

            await Task.Delay(Pause, time, cancellationToken);
        }

        throw Unusable($"The settings file {path} of image machine '{image.Source}' cannot be read. Restore it, or let the server's user read it.");
    }

    private async Task<IReadOnlyList<RegisteredVm>> ListAsync(CancellationToken cancellationToken) =>
        RegisteredVm.ParseList(await vbox.RunAsync(["list", "vms"], cancellationToken));

    private static List<RegisteredVm> Named(BaseImage image, IReadOnlyList<RegisteredVm> registered)
    {
        var byUuid = Guid.TryParse(image.Source, out var uuid);
        return [.. registered.Where(vm => byUuid ? vm.Uuid == uuid : vm.Name == image.Source)];
    }

    private static RegisteredVm Find(BaseImage image, IReadOnlyList<RegisteredVm> registered)
    {
        var found = Named(image, registered);
        return found switch
        {
            [{ Name: RegisteredVm.Inaccessible }] =>
                throw Unusable($"The settings of image machine '{image.Source}' cannot be read. See 'VBoxManage list -l vms', and restore its .vbox file."),
            [var machine] => machine,
            [] => throw Unusable($"There is no machine '{image.Source}' in this VirtualBox. See 'VBoxManage list vms', run as the server's user."),
            _ => throw Unusable($"{found.Count} machines are named '{image.Source}'. Configure the UUID of the right one."),
        };
    }

    private static SnapshotEntry Find(BaseImage image, IReadOnlyList<SnapshotEntry> snapshots)
    {
        var found = Matching(image, snapshots);
        return found switch
        {
            [var snapshot] => snapshot,
            [] => throw Missing($"Image machine '{image.Source}' has no snapshot{(image.Snapshot is null ? "" : $" '{image.Snapshot}'")}. Take one: VBoxManage snapshot '{image.Source}' take clean"),
            _ => throw Missing($"Image machine '{image.Source}' has {found.Count} snapshots '{image.Snapshot}'. Configure the UUID of the right one."),
        };
    }

    private static List<SnapshotEntry> Matching(BaseImage image, IReadOnlyList<SnapshotEntry> snapshots)
    {
        var byUuid = Guid.TryParse(image.Snapshot, out var uuid);
        return [.. snapshots.Where(s => image.Snapshot is null ? s.IsCurrent : byUuid ? s.Uuid == uuid : s.Name == image.Snapshot)];
    }

    private static HypervisorException Unusable(string message) => new(HypervisorFault.ImageUnusable, message);

    private static HypervisorException Missing(string message) => new(HypervisorFault.SnapshotMissing, message);
}
