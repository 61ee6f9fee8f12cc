namespace Provisioner.Hypervisors.Qemu;

/// <summary>Images: how one is made of a machine, and which machines stand on which.</summary>
public sealed partial class QemuHypervisor
{
    /// <summary>Makes a base image of a machine that is off: one file, which nobody writes to any more.</summary>
    /// <param name="id">The machine.</param>
    /// <param name="target">Full path of what is made. A half file is removed.</param>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="HypervisorException">The machine is not there or runs, or there is no room.</exception>
    public Task SealAsync(VmId id, string target, TimeSpan deadline, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        using var turn = await locks.EnterAsync(id, cancellationToken);
        var folder = Folder(id);
        using var process = RecordedProcess.Find(folder.PidFile);
        if (folder.Look() is not FolderKind.Machine || process is not null)
        {
            throw new HypervisorException(HypervisorFault.NotFound, $"There is no machine {id} that is off.");
        }

        await images.ConvertAsync(folder.Disk, "qcow2", target, "qcow2", deadline, cancellationToken);
        return true;
    }, cancellationToken);

    /// <summary>Full paths of the images that machines of ours stand on. Read from their disks.</summary>
    /// <exception cref="HypervisorException">A disk cannot be read: then nobody knows.</exception>
    public Task<IReadOnlySet<string>> ListImagesInUseAsync(CancellationToken cancellationToken) => GuardAsync<IReadOnlySet<string>>(async () =>
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var folder in MachineFolder.All(options.Folder).Where(folder => File.Exists(folder.Disk)))
        {
            try
            {
                used.Add(await images.FindBaseAsync(folder.Disk, cancellationToken));
            }
            catch (HypervisorException) when (!File.Exists(folder.Disk))
            {
                // Removed while we looked.
            }
        }

        return used;
    }, cancellationToken);
}
