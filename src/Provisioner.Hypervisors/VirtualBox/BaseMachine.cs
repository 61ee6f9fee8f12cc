namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>An image as VirtualBox knows it: a registered machine and one of its snapshots, both by UUID.</summary>
internal sealed record BaseMachine(string Uuid, string Snapshot, string SettingsFile)
{
    public string Folder => Path.GetDirectoryName(SettingsFile) ?? "/";
}
