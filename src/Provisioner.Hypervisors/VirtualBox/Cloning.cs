using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Makes a machine of ours with three calls: a linked clone that VirtualBox does not register; its settings, disinherited and marked
/// by editing their file, which is nobody's yet, registered; and one change that closes it, sizes it, and says that it is complete.
/// </summary>
internal sealed partial class Cloning(VBoxHost host, Images images, Removal removal, Versions versions, TimeProvider time, ILogger logger)
{
    public async Task EnsureAsync(VmSpecification specification, CancellationToken cancellationToken)
    {
        var id = specification.Id;
        if (host.Mark.IsComplete(id, host.ReadSettings(id)) && await IsRegisteredAsync(id, cancellationToken))
        {
            return;
        }

        if (Directory.Exists(host.Mark.FolderOf(id)))
        {
            // What an earlier attempt left behind, before or while the server ended.
            await removal.RemoveAsync(id, cancellationToken);
            RequireFreeFolder(id);
        }

        try
        {
            await MakeAsync(specification, cancellationToken);
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException or IOException or UnauthorizedAccessException)
        {
            await UndoAsync(id);
            throw;
        }
    }

    // Somebody may have unregistered it, or the server ended before it was registered: then it is, if it still can be.
    private async Task<bool> IsRegisteredAsync(VmId id, CancellationToken cancellationToken)
    {
        var result = await RegisterAsync(id, cancellationToken);
        return result.Succeeded || result.IsRegistered;
    }

    private async Task MakeAsync(VmSpecification specification, CancellationToken cancellationToken)
    {
        var image = await images.ResolveAsync(specification.Image, cancellationToken);
        if (specification.Hardware?.DiskMegabytes < image.DiskMegabytes)
        {
            throw TooSmall.Of(specification, image.DiskMegabytes.Value);
        }

        var (step, result) = await TryMakeAsync(specification, image, cancellationToken);
        if (!result.Succeeded && IsWorthAnother(result))
        {
            images.Forget(specification.Image);
            await removal.UndoAsync(specification.Id, cancellationToken);
            image = await images.ResolveAsync(specification.Image, cancellationToken);
            (step, result) = await TryMakeAsync(specification, image, cancellationToken);
        }

        if (!result.Succeeded)
        {
            images.Forget(specification.Image);
            throw Explain(specification, step, result);
        }

        if (!host.Mark.IsComplete(specification.Id, host.ReadSettings(specification.Id)))
        {
            throw new HypervisorException(HypervisorFault.Failed,
                $"VirtualBox said that machine {specification.Id} was made, and its settings file says otherwise. Look at the disk of {host.Mark.Folder}.");
        }

        LogCloned(specification.Id, image.Uuid);
    }

    // The service shuts down five seconds after its last client, and may take a call with it; one may crash or be killed. The image may have changed since it was
    // found. And a machine whose folder somebody deleted may still be registered, which undoing this ends.
    private static bool IsWorthAnother(VBoxResult result) => result.LostService || result.IsMute || result.IsNotFound || result.IsRegistered;

    private async Task<(string Step, VBoxResult Result)> TryMakeAsync(VmSpecification specification, BaseMachine image, CancellationToken cancellationToken)
    {
        FreeSpace.Require(host.Options.ReserveBytes, image.Folder);
        var result = await host.Manage.PersistAsync(() => TryCloneAsync(specification.Id, image, cancellationToken), cancellationToken);
        if (!result.Succeeded)
        {
            return ("clonevm", result);
        }

        specification.Seed?.Save(host.Mark.FolderOf(specification.Id), specification.Id);
        CrashPoint.Reach(CrashPoint.InsideClone);
        var disks = Disinherit(specification, image);
        result = await RegisterAsync(specification.Id, cancellationToken);
        return !result.Succeeded ? ("registervm", result)
            : await TryEquipAsync(specification, disks, cancellationToken) is { } lacking ? lacking
            : await TryInsertSeedAsync(specification, cancellationToken) is { Succeeded: false } unread ? ("storageattach", unread)
            : ("modifyvm", await ModifyAsync(specification, cancellationToken));
    }

    /// <summary>Does what modifyvm cannot. Null when that is done.</summary>
    private async Task<(string Step, VBoxResult Result)?> TryEquipAsync(VmSpecification specification, IReadOnlyList<Guid> disks, CancellationToken cancellationToken)
    {
        var (id, uuid) = (specification.Id, host.Mark.UuidOf(specification.Id).ToString());
        foreach (var (name, command) in HardwareFlags.Filters(specification.Hardware, uuid))
        {
            var added = await EquipAsync(command, () => host.ReadSettings(id)?.UsbFilters.Contains(name) == true, cancellationToken);
            if (!added.Succeeded)
            {
                return ("usbfilter", added);
            }
        }

        if (specification.Hardware?.DiskMegabytes is { } size)
        {
            if (disks is not [var disk, ..])
            {
                throw new HypervisorException(HypervisorFault.ImageUnusable, $"Image machine '{specification.Image.Source}' has no disk that could have {size} MiB. Ask for no size, or give it a disk.");
            }

            // Of a disk that is no VDI, VirtualBox's word must do.
            var file = Path.Combine(host.Mark.FolderOf(id), "Snapshots", $"{{{disk}}}.vdi");
            var resized = await EquipAsync(HardwareFlags.Resize(disk, size), () => VdiFile.ReadMegabytes(file) is { } found ? found == size : null, cancellationToken);
            return resized.Succeeded ? null : ("modifymedium", resized);
        }

        return null;
    }

    private async Task<VBoxResult?> TryInsertSeedAsync(VmSpecification specification, CancellationToken cancellationToken)
    {
        var id = specification.Id;
        if (specification.Seed is null || host.ReadSettings(id) is not { } settings)
        {
            return null;
        }

        var bay = DriveBay.Find(settings.Controllers) ?? throw new HypervisorException(HypervisorFault.ImageUnusable,
            $"Image machine '{specification.Image.Source}' has no free port for the drive of a seed. Give it an empty drive on a SATA or IDE controller, and take its snapshot anew:"
            + $" VBoxManage storagectl '{specification.Image.Source}' --name SATA --portcount 4");
        return await EquipAsync(
            bay.Insert(host.Mark.UuidOf(id).ToString(), Path.Combine(host.Mark.FolderOf(id), VmSeed.FileName)),
            () => bay.IsFull(host.ReadSettings(id)?.Controllers ?? []), cancellationToken);
    }

    // That it was done is seen in what it was done to: VBoxManage has said so and done nothing.
    private async Task<VBoxResult> EquipAsync(IReadOnlyList<string> command, Func<bool?> isDone, CancellationToken cancellationToken)
    {
        var result = await host.Manage.PersistAsync(() => host.Changes.TryRunAsync(command, () => Task.FromResult(isDone() == true), cancellationToken), cancellationToken);
        return result.Succeeded && isDone() == false ? VBoxResult.NotDone : result;
    }

    private async Task<VBoxResult> TryCloneAsync(VmId id, BaseMachine image, CancellationToken cancellationToken)
    {
        string[] command =
        [
            "clonevm", image.Uuid, "--snapshot", image.Snapshot, "--options", "link", "--name", VmMark.NameOf(id),
            "--basefolder", host.Mark.Folder, "--uuid", host.Mark.UuidOf(id).ToString(),
        ];
        // The settings are written last.
        var result = await host.Changes.TryRunAsync(
            command, () => Task.FromResult(host.Mark.IsOurs(id, host.ReadSettings(id))), cancellationToken);
        if (!result.Succeeded)
        {
            // What it may have left would be in the way when it is tried again.
            await removal.RemoveAsync(id, cancellationToken);
        }

        return result;
    }

    /// <summary>Gives the machine's disks: while it is nobody's, its file can be read at any time.</summary>
    private IReadOnlyList<Guid> Disinherit(VmSpecification specification, BaseMachine image)
    {
        var id = specification.Id;
        var settings = host.ReadSettings(id);
        if (!host.Mark.IsOurs(id, settings))
        {
            throw new HypervisorException(HypervisorFault.Failed, $"VirtualBox said that machine {id} was cloned, and left no settings of it that can be read.");
        }

        settings.Disinherit(
            [.. specification.Labels.Known, new("/VBDP/Id", id.Value)],
            [new(VmMark.BaseKey, image.SettingsFile), new(VmMark.Key, settings.Uuid.ToString())],
            time.GetUtcNow());
        settings.Save(host.Mark.SettingsFileOf(id));
        return settings.Disks;
    }

    private Task<VBoxResult> RegisterAsync(VmId id, CancellationToken cancellationToken) => host.Changes.TryRunAsync(
        ["registervm", host.Mark.SettingsFileOf(id)],
        async () => await host.Machines.FindAsync(id, cancellationToken) is not null,
        cancellationToken);

    private async Task<VBoxResult> ModifyAsync(VmSpecification specification, CancellationToken cancellationToken)
    {
        var (id, version) = (specification.Id, await versions.GetAsync(cancellationToken));
        string[] command =
        [
            "modifyvm", host.Mark.UuidOf(id).ToString(),
            .. Sized("--cpus", specification.Cpus),
            .. Sized("--memory", specification.MemoryMegabytes),
            .. HardeningFlags.For(version),
            // After them: of two, the later counts.
            .. HardwareFlags.For(specification.Hardware, version),
            "--description", VmMark.DescriptionOf(id),
        ];
        return await host.Manage.PersistAsync(
            () => host.Changes.TryRunAsync(command, () => Task.FromResult(host.Mark.IsComplete(id, host.ReadSettings(id))), cancellationToken),
            cancellationToken);
    }

    private static IEnumerable<string> Sized(string option, int? value) =>
        value is { } number ? [option, number.ToString(CultureInfo.InvariantCulture)] : [];

    private void RequireFreeFolder(VmId id)
    {
        if (Directory.Exists(host.Mark.FolderOf(id)))
        {
            throw new HypervisorException(HypervisorFault.Failed,
                $"The folder {host.Mark.FolderOf(id)} belongs to a machine that is not ours. Move that machine out of {host.Mark.Folder}.");
        }
    }

    private HypervisorException Explain(VmSpecification specification, string step, VBoxResult result) => result switch
    {
        { IsRegistered: true } => new(HypervisorFault.Failed,
            $"VirtualBox has a machine {host.Mark.UuidOf(specification.Id)} that is not ours any more. Remove it, or choose another id than {specification.Id}."),
        { IsNotFound: true } when step == "clonevm" && result.Message.Contains("snapshot", StringComparison.Ordinal) =>
            new(HypervisorFault.SnapshotMissing, $"The snapshot of image machine '{specification.Image.Source}' is gone: {result.Message}."),
        { IsNotFound: true } when step == "clonevm" =>
            new(HypervisorFault.ImageUnusable, $"Image machine '{specification.Image.Source}' is gone: {result.Message}."),
        { ExitCode: not 0, IsMute: false, LostService: false, IsLocked: false, IsInTransition: false } when step == "modifymedium" => new(HypervisorFault.ImageUnusable,
            $"The disk of image machine '{specification.Image.Source}' cannot have {specification.Hardware?.DiskMegabytes} MiB, as the request or its hardware profile says: {result.Message}. Ask for another size, or for none."),
        _ when result.Error.Contains("VERR_DISK_FULL", StringComparison.Ordinal) =>
            new(HypervisorFault.DiskFull, $"The disk is full: {result.Message}."),
        _ => VBoxManage.Failed([step], result),
    };

    // Not cancelled with the call: what is left behind would be in the way of the next attempt.
    private async Task UndoAsync(VmId id)
    {
        try
        {
            await removal.UndoAsync(id, CancellationToken.None);
        }
        catch (Exception e) when (e is HypervisorException or IOException or UnauthorizedAccessException)
        {
            LogNotUndone(e, id);
        }
    }

    [LoggerMessage(LogLevel.Information, "Cloned machine {Id} from {Image}")]
    private partial void LogCloned(VmId id, string image);

    [LoggerMessage(LogLevel.Warning, "The half-made machine {Id} could not be removed; it is removed before the next attempt")]
    private partial void LogNotUndone(Exception exception, VmId id);
}
