namespace Provisioner.Hypervisors.Qemu;

/// <summary>Copies disks that others made (qcow2, raw, VDI, VMDK, VHD, VHDX) into files that images begin as. By qemu-img.</summary>
public sealed class DiskImport(QemuOptions options, TimeProvider time)
{
    private readonly DiskImages images = new(options, time);

    /// <param name="source">Full path of the disk.</param>
    /// <param name="target">Full path of what is made. A half file is removed.</param>
    /// <param name="deadline">How long it may take.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <exception cref="HypervisorException">It cannot be used, or there is no room.</exception>
    public Task ToQcow2Async(string source, string target, TimeSpan deadline, CancellationToken cancellationToken) =>
        images.ImportAsync(source, target, "qcow2", deadline, cancellationToken);

    /// <inheritdoc cref="ToQcow2Async"/>
    public Task ToVdiAsync(string source, string target, TimeSpan deadline, CancellationToken cancellationToken) =>
        images.ImportAsync(source, target, "vdi", deadline, cancellationToken);
}
