namespace Provisioner.Hypervisors;

/// <summary>A prepared, powered-off machine or disk from which linked clones are made.</summary>
/// <param name="Source">VirtualBox: name or UUID of the base machine. QEMU: path of a disk image. Simulated: any name.</param>
/// <param name="Snapshot">VirtualBox: name or UUID of the snapshot to clone from; the only or current one when absent.</param>
public sealed record BaseImage(string Source, string? Snapshot = null);
