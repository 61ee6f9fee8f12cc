using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Makes a machine of ours: a linked clone, closed, cleaned, described, and marked as complete last.</summary>
internal sealed partial class Cloning(VBoxHost host, Images images, Removal removal, Versions versions, ILogger logger)
{
    private readonly Inheritance inheritance = new(host);

    public async Task EnsureAsync(VmSpecification specification, CancellationToken cancellationToken)
    {
        var id = specification.Id;
        var existing = await host.Machines.FindAsync(id, cancellationToken);
        if (existing is { IsComplete: true })
        {
            return;
        }

        var registered = await host.Machines.ListAllAsync(cancellationToken);
        RequireFreeName(id, registered, existing);
        var image = await images.ResolveAsync(specification.Image, registered, cancellationToken);
        // What an earlier attempt left behind, before or while the server ended.
        await removal.RemoveAsync(id, cancellationToken);
        RequireFreeFolder(id);
        try
        {
            await MakeAsync(specification, image, cancellationToken);
            LogCloned(id, image.Uuid);
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            await UndoAsync(id);
            throw;
        }
    }

    private async Task MakeAsync(VmSpecification specification, BaseMachine image, CancellationToken cancellationToken)
    {
        FreeSpace.Require(host.Options.ReserveBytes, image.Folder);
        await CloneAsync(specification, image, cancellationToken);
        var clone = await host.Machines.FindAsync(specification.Id, cancellationToken)
            ?? throw new HypervisorException(HypervisorFault.Failed, $"The clone of {specification.Id} vanished while it was made.");
        await ModifyAsync(clone, specification, cancellationToken);
        await inheritance.RemoveAsync(clone, cancellationToken);
        await SetPropertyAsync(clone, "label", specification.Label, cancellationToken);
        await SetPropertyAsync(clone, "owner", specification.Owner, cancellationToken);
        await SetPropertyAsync(clone, "repo", specification.Repository, cancellationToken);
        await SetPropertyAsync(clone, "/VBDP/Id", specification.Id.Value, cancellationToken);
        await host.Changes.RunAsync(["setextradata", clone.Uuid, VmMark.BaseKey, image.SettingsFile], cancellationToken);
        await host.Changes.RunAsync(["setextradata", clone.Uuid, VmMark.Key, clone.Uuid], cancellationToken);
    }

    private async Task CloneAsync(VmSpecification specification, BaseMachine image, CancellationToken cancellationToken)
    {
        var id = specification.Id;
        string[] command =
        [
            "clonevm", image.Uuid, "--snapshot", image.Snapshot, "--options", "link", "--name", VmMark.NameOf(id),
            "--basefolder", host.Mark.Folder, "--uuid", host.Mark.UuidOf(id).ToString(), "--register",
        ];
        try
        {
            var result = await host.Manage.PersistAsync(() => TryCloneAsync(id, command, cancellationToken), cancellationToken);
            if (!result.Succeeded)
            {
                images.Forget(specification.Image);
                throw Explain(specification.Image, command, result);
            }
        }
        catch (HypervisorException e) when (e.Fault == HypervisorFault.TimedOut)
        {
            // VBoxManage may hang after its work is done. Asking again would find that the clone "already exists".
            if (await host.Machines.FindAsync(id, cancellationToken) is null)
            {
                throw;
            }
        }
    }

    private async Task<VBoxResult> TryCloneAsync(VmId id, string[] command, CancellationToken cancellationToken)
    {
        var result = await TryCloneOnceAsync(id, command, cancellationToken);
        // The service shuts down five seconds after its last client, and may take a call with it.
        return result.LostService ? await TryCloneOnceAsync(id, command, cancellationToken) : result;
    }

    private async Task<VBoxResult> TryCloneOnceAsync(VmId id, string[] command, CancellationToken cancellationToken)
    {
        var result = await host.Changes.TryRunAsync(command, host.Options.Deadline, cancellationToken);
        if (!result.Succeeded)
        {
            // What it may have left would be in the way when it is tried again.
            await removal.RemoveAsync(id, cancellationToken);
        }

        return result;
    }

    private async Task ModifyAsync(SeenMachine clone, VmSpecification specification, CancellationToken cancellationToken)
    {
        var version = await versions.GetAsync(cancellationToken);
        string[] command =
        [
            "modifyvm", clone.Uuid,
            .. Sized("--cpus", specification.Cpus),
            .. Sized("--memory", specification.MemoryMegabytes),
            .. HardeningFlags.For(version),
            .. Inheritance.WithoutForwardings(clone.Info!),
        ];
        await host.Changes.RunAsync(command, cancellationToken);
    }

    private Task SetPropertyAsync(SeenMachine clone, string name, string value, CancellationToken cancellationToken) =>
        host.Changes.RunAsync(["guestproperty", "set", clone.Uuid, name, value], cancellationToken);

    private static IEnumerable<string> Sized(string option, int? value) =>
        value is { } number ? [option, number.ToString(CultureInfo.InvariantCulture)] : [];

    private void RequireFreeName(VmId id, IReadOnlyList<RegisteredVm> registered, SeenMachine? existing)
    {
        var uuid = host.Mark.UuidOf(id);
        if (registered.FirstOrDefault(vm => vm.Uuid == uuid ? existing is null : vm.Name == VmMark.NameOf(id)) is { } other)
        {
            throw new HypervisorException(HypervisorFault.Failed,
                $"VirtualBox has a machine '{other.Name}' ({other.Uuid}) that is not ours, or not any more. Remove it, or choose another id than {id}.");
        }
    }

    private void RequireFreeFolder(VmId id)
    {
        if (Directory.Exists(host.Mark.FolderOf(id)))
        {
            throw new HypervisorException(HypervisorFault.Failed,
                $"The folder {host.Mark.FolderOf(id)} belongs to a machine that is not ours. Move that machine out of {host.Mark.Folder}.");
        }
    }

    private static HypervisorException Explain(BaseImage image, string[] command, VBoxResult result) => result switch
    {
        { IsNotFound: true } when result.Message.Contains("snapshot", StringComparison.Ordinal) =>
            new(HypervisorFault.SnapshotMissing, $"The snapshot of image machine '{image.Source}' is gone: {result.Message}."),
        { IsNotFound: true } =>
            new(HypervisorFault.ImageUnusable, $"Image machine '{image.Source}' is gone: {result.Message}."),
        _ when result.Error.Contains("VERR_DISK_FULL", StringComparison.Ordinal) =>
            new(HypervisorFault.DiskFull, $"The disk is full: {result.Message}."),
        _ => VBoxManage.Failed(command, result),
    };

    // Not cancelled with the call: what is left behind would be in the way of the next attempt.
    private async Task UndoAsync(VmId id)
    {
        try
        {
            await removal.RemoveAsync(id, CancellationToken.None);
        }
        catch (HypervisorException e)
        {
            LogNotUndone(e, id);
        }
    }

    [LoggerMessage(LogLevel.Information, "Cloned machine {Id} from {Image}")]
    private partial void LogCloned(VmId id, string image);

    [LoggerMessage(LogLevel.Warning, "The half-made machine {Id} could not be removed; it is removed before the next attempt")]
    private partial void LogNotUndone(Exception exception, VmId id);
}
