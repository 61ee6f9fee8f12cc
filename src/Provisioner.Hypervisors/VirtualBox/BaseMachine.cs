namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>An image as VirtualBox knows it: a registered machine and one of its snapshots, both by UUID.</summary>
internal sealed record BaseMachine(string Uuid, string Snapshot, string SettingsFile)
{
    /// <summary>Size of its first disk in MiB; null where that is no VDI, or cannot be read.</summary>
    public long? DiskMegabytes { get; init; }

    public string Folder => Path.GetDirectoryName(SettingsFile) ?? "/";
}
