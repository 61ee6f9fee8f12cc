using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.Qemu;

public sealed partial class QemuHypervisor
{
    public Task EnsureClonedAsync(VmSpecification specification, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        var folder = Folder(specification.Id);
        using var turn = await locks.EnterAsync(specification.Id, cancellationToken);
        switch (folder.Look())
        {
            case FolderKind.Foreign:
                throw new HypervisorException(HypervisorFault.Failed, $"{folder.Path} exists and is not ours. Choose another id.");
            case FolderKind.Leftover:
                folder.Remove();
                goto case FolderKind.Missing;
            case FolderKind.Missing:
                await CloneAsync(folder, specification, cancellationToken);
                LogCloned(specification.Id, specification.Image.Source);
                break;
        }

        return true;
    }, cancellationToken);

    public Task EnsureGoneAsync(VmId id, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        var folder = Folder(id);
        using var turn = await locks.EnterAsync(id, cancellationToken);
        if (folder.Look() is FolderKind.Missing or FolderKind.Foreign)
        {
            return false;
        }

        await KillAsync(folder, cancellationToken);
        CrashPoint.Reach(CrashPoint.InsideRemoval);
        folder.Remove();
        observations.Forget(id);
        silent.TryRemove(id, out _);
        observations.Publish(new VmObservation(id, null));
        LogRemoved(id);
        return true;
    }, cancellationToken);

    private async Task CloneAsync(MachineFolder folder, VmSpecification specification, CancellationToken cancellationToken)
    {
        var info = await images.RequireAsync(specification.Image, cancellationToken);
        DiskImages.RequireRoom(specification, info);
        PrivateFiles.CreateFolder(options.Folder);
        FullDisk.RequireFree(options.Folder, options.FreeSpaceReserveMegabytes);
        PrivateFiles.CreateFolder(folder.Path);
        try
        {
            await images.CreateOverlayAsync(folder.Disk, specification, info, cancellationToken);
            PrivateFiles.Restrict(folder.Disk);
            specification.Seed?.Save(folder.Path, specification.Id);
            CrashPoint.Reach(CrashPoint.InsideClone);
            folder.Save(SavedMachine.From(specification));
        }
        catch
        {
            folder.Remove();
            throw;
        }
    }

    [LoggerMessage(LogLevel.Information, "Cloned {Id} from {Image}")]
    private partial void LogCloned(VmId id, string image);

    [LoggerMessage(LogLevel.Information, "Removed {Id}")]
    private partial void LogRemoved(VmId id);
}
