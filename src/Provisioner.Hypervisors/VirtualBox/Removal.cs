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
        var machine = await host.Machines.FindAsync(id, cancellationToken);
        if (machine is { Info: not null })
        {
            await power.SwitchOffAsync(machine, cancellationToken);
            await RequireRoomAsync(machine, cancellationToken);
        }

        if (machine is not null)
        {
            await UnregisterAsync(machine, cancellationToken);
        }

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
            await ForgetDisksAsync(disk => disk.Location.StartsWith(folder + "/", StringComparison.Ordinal), cancellationToken);
        }

        Directory.Delete(folder, recursive: true);
        LogRemoved(id);
    }

    /// <summary>Makes VirtualBox forget disks, children before parents. They would block their base for ever.</summary>
    public async Task ForgetDisksAsync(Func<Hdd, bool> dead, CancellationToken cancellationToken)
    {
        var disks = Hdd.ParseList(await host.Manage.RunAsync(["list", "hdds"], cancellationToken)).Where(dead).ToList();
        while (disks.Count > 0)
        {
            var left = new List<Hdd>();
            VBoxResult? failure = null;
            foreach (var disk in disks)
            {
                var result = await host.Changes.TryRemoveAsync(["closemedium", "disk", disk.Uuid], cancellationToken);
                if (!result.Succeeded && !result.IsNotFound)
                {
                    left.Add(disk);
                    failure = result;
                }
            }

            if (left.Count == disks.Count)
            {
                throw VBoxManage.Failed(["closemedium", "disk"], failure!);
            }

            disks = left;
        }
    }

    // Forgetting a clone rewrites the registry and its base machine's settings. On a full disk the clone's own disk makes the room.
    private async Task RequireRoomAsync(SeenMachine machine, CancellationToken cancellationToken)
    {
        var image = await host.Machines.ReadExtraDataAsync(machine.Uuid, VmMark.BaseKey, cancellationToken);
        var rewritten = new[] { host.Options.SettingsFolder, Path.GetDirectoryName(image) ?? host.Options.SettingsFolder };
        var reserve = FreeSpace.ForRemoval(host.Options);
        if (rewritten.Any(folder => FreeSpace.Of(folder) < reserve))
        {
            var own = host.Mark.FolderOf(machine.Id) + "/";
            machine.Info!.Disks.Where(disk => disk.StartsWith(own, StringComparison.Ordinal)).ToList().ForEach(File.Delete);
        }

        FreeSpace.Require(reserve, rewritten);
    }

    // The lock of a machine that was just switched off may last for seconds: this persists.
    private async Task UnregisterAsync(SeenMachine machine, CancellationToken cancellationToken)
    {
        try
        {
            var result = await host.Changes.TryRemoveAsync(["unregistervm", machine.Uuid], cancellationToken);
            if (!result.Succeeded && !result.IsNotFound)
            {
                throw VBoxManage.Failed(["unregistervm"], result);
            }
        }
        catch (HypervisorException e) when (e.Fault == HypervisorFault.TimedOut)
        {
            if (await host.Machines.FindAsync(machine.Id, cancellationToken) is not null)
            {
                throw;
            }
        }
    }

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

    [LoggerMessage(LogLevel.Warning, "The folder {Folder} has the name of one of ours and belongs to another machine: it was left alone")]
    private partial void LogOfOthers(string folder);
}
