namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>A snapshot of a base machine, from its settings file.</summary>
internal sealed record SnapshotEntry(string Name, Guid Uuid, bool IsCurrent);
