using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Removes a machine of ours with all that is left of it. VirtualBox only forgets the machine; the files are deleted here,
/// in the machine's own folder: VirtualBox's "unregistervm --delete" has deleted base disks and others' disks.
/// </summary>
internal sealed partial class Removal(VBoxHost host, Power power, ILogger logger)
{
    public async Task RemoveAsync(VmId id, CancellationToken cancellationToken)
    {
        var settings = host.ReadSettings(id);
        if (!host.Mark.IsOurs(id, settings) || !await TryRemoveWholeAsync(id, settings, cancellationToken))
        {
            await RemoveRestAsync(id, cancellationToken);
        }
    }

    /// <summary>Removes a machine that may never have been registered, and that an older registration may have been in the way of.</summary>
    public async Task UndoAsync(VmId id, CancellationToken cancellationToken)
    {
        await RemoveAsync(id, cancellationToken);
        await ForgetDisksAsync(disk => IsIn(host.Mark.FolderOf(id), disk.Location) && !File.Exists(disk.Location), cancellationToken);
    }

    // Whose machine it is stands in its settings file, and whether it is registered and runs in VirtualBox's answer. It is called by that
    // file: what is registered elsewhere under the same UUID is not ours any more.
    private async Task<bool> TryRemoveWholeAsync(VmId id, SettingsFile settings, CancellationToken cancellationToken)
    {
        var folder = host.Mark.FolderOf(id);
        var isShared = Directory.EnumerateFiles(folder, "*.vbox").Any(file => file != host.Mark.SettingsFileOf(id));
        if (isShared || !HasRoom(Rewritten(settings.ExtraData.GetValueOrDefault(VmMark.BaseKey))))
        {
            return false;
        }

        var result = await UnregisterAsync(id, host.Mark.SettingsFileOf(id), cancellationToken);
        if (result.IsLocked && (await power.TrySwitchOffAsync(id, cancellationToken)).Succeeded)
        {
            result = await PersistentlyUnregisterAsync(id, host.Mark.SettingsFileOf(id), cancellationToken);
        }

        if (!result.Succeeded)
        {
            return false;
        }

        CrashPoint.Reach(CrashPoint.InsideRemoval);
        await ForgetSeedAsync(folder, cancellationToken);
        Directory.Delete(folder, recursive: true);
        LogRemoved(id);
        return true;
    }

    // What runs and does not answer, is not registered, not ours, or has lost its settings.
    private async Task RemoveRestAsync(VmId id, CancellationToken cancellationToken)
    {
        var machine = await host.Machines.FindAsync(id, cancellationToken);
        if (machine is { Info: not null })
        {
            await power.SwitchOffAsync(machine, cancellationToken);
            RequireRoom(id, await host.Machines.ReadExtraDataAsync(machine.Uuid, VmMark.BaseKey, cancellationToken));
        }

        if (machine is not null)
        {
            var result = await PersistentlyUnregisterAsync(id, machine.Uuid, cancellationToken);
            if (!result.Succeeded && !result.IsNotFound)
            {
                throw VBoxManage.Failed(["unregistervm"], result);
            }
        }

        await RemoveFolderAsync(id, machine, cancellationToken);
    }

    private async Task RemoveFolderAsync(VmId id, SeenMachine? machine, CancellationToken cancellationToken)
    {
        var folder = host.Mark.FolderOf(id);
        if (!Directory.Exists(folder))
        {
            return;
        }

        if (await IsOfOthersAsync(id, machine, cancellationToken))
        {
            LogOfOthers(folder);
            return;
        }

        if (machine is null)
        {
            AbandonedFolder.RequireDead(folder, host.Mark.UuidOf(id));
        }

        if (machine is null or { Info: null })
        {
            await ForgetDisksAsync(disk => IsIn(folder, disk.Location), cancellationToken);
        }

        await ForgetSeedAsync(folder, cancellationToken);
        Directory.Delete(folder, recursive: true);
        LogRemoved(id);
    }

    /// <summary>Makes VirtualBox forget disks, children before parents. They would block their base for ever.</summary>
    public async Task ForgetDisksAsync(Func<Hdd, bool> dead, CancellationToken cancellationToken)
    {
        var disks = (await ListDisksAsync(cancellationToken)).Where(dead).ToList();
        while (disks.Count > 0)
        {
            var result = new VBoxResult(0, "", "");
            foreach (var disk in disks)
            {
                result = await CloseAsync(disk, cancellationToken);
            }

            // Looked at, not believed: afterwards nobody would find them any more.
            var left = (await ListDisksAsync(cancellationToken)).Where(dead).ToList();
            if (left.Count >= disks.Count)
            {
                throw VBoxManage.Failed(["closemedium", "disk"], result);
            }

            disks = left;
        }
    }

    // Unlike a disk it stays known to the service when its machine is forgotten: for as long as the service lives, which may be for months.
    // It stands in no file and blocks nothing, so that it does not matter if this fails.
    private async Task ForgetSeedAsync(string folder, CancellationToken cancellationToken)
    {
        var seed = Path.Combine(folder, VmSeed.FileName);
        if (File.Exists(seed))
        {
            try
            {
                await host.Changes.TryRemoveAsync(["closemedium", "dvd", seed], () => Task.FromResult(false), cancellationToken);
            }
            catch (HypervisorException problem)
            {
                LogSeedKept(seed, problem.Message);
            }
        }
    }

    private Task<VBoxResult> CloseAsync(Hdd disk, CancellationToken cancellationToken) => host.Manage.PersistAsync(
        () => host.Changes.TryRemoveAsync(
            ["closemedium", "disk", disk.Uuid],
            async () => (await ListDisksAsync(cancellationToken)).All(other => other.Uuid != disk.Uuid),
            cancellationToken),
        cancellationToken);

    private async Task<IReadOnlyList<Hdd>> ListDisksAsync(CancellationToken cancellationToken) =>
        Hdd.ParseList(await host.Manage.RunAsync(["list", "hdds"], cancellationToken));

    // On a full disk the clone's own disk makes the room.
    private void RequireRoom(VmId id, string? image)
    {
        var disks = Path.Combine(host.Mark.FolderOf(id), "Snapshots");
        if (!HasRoom(Rewritten(image)) && Directory.Exists(disks))
        {
            Directory.EnumerateFiles(disks).ToList().ForEach(File.Delete);
        }

        FreeSpace.Require(FreeSpace.ForRemoval(host.Options), Rewritten(image));
    }

    private bool HasRoom(IEnumerable<string> folders) => folders.All(folder => FreeSpace.Of(folder) >= FreeSpace.ForRemoval(host.Options));

    // Forgetting a clone rewrites the registry and its base machine's settings.
    private IEnumerable<string> Rewritten(string? image) =>
        [host.Options.SettingsFolder, Path.GetDirectoryName(image) ?? host.Options.SettingsFolder];

    // The lock of a machine that was just switched off may last for seconds.
    private Task<VBoxResult> PersistentlyUnregisterAsync(VmId id, string machine, CancellationToken cancellationToken) =>
        host.Manage.PersistAsync(() => UnregisterAsync(id, machine, cancellationToken), cancellationToken);

    private Task<VBoxResult> UnregisterAsync(VmId id, string machine, CancellationToken cancellationToken) => host.Changes.TryRemoveAsync(
        ["unregistervm", machine], async () => await host.Machines.FindAsync(id, cancellationToken) is null, cancellationToken);

    private static bool IsIn(string folder, string file) => file.StartsWith(folder + "/", StringComparison.Ordinal);

    // Somebody may have registered a machine of theirs in a folder that has the name of ours.
    private async Task<bool> IsOfOthersAsync(VmId id, SeenMachine? removed, CancellationToken cancellationToken)
    {
        var settings = Directory.EnumerateFiles(host.Mark.FolderOf(id), "*.vbox");
        foreach (var file in settings.Where(file => removed is null || file != host.Mark.SettingsFileOf(id)))
        {
            var result = await host.Manage.TryRunAsync(["showvminfo", file, "--machinereadable"], cancellationToken);
            if (!result.IsNotFound)
            {
                return true;
            }
        }

        return false;
    }

    [LoggerMessage(LogLevel.Information, "Removed machine {Id}")]
    private partial void LogRemoved(VmId id);

    [LoggerMessage(LogLevel.Information, "VirtualBox still remembers the seed {Seed}, which is deleted: {Problem}")]
    private partial void LogSeedKept(string seed, string problem);

    [LoggerMessage(LogLevel.Warning, "The folder {Folder} has the name of one of ours and belongs to another machine: it was left alone")]
    private partial void LogOfOthers(string folder);
}
