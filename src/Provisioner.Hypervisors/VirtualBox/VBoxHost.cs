namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>What all parts of the driver share.</summary>
internal sealed record VBoxHost(VBoxManage Manage, VBoxChanges Changes, Machines Machines, VmMark Mark, VirtualBoxOptions Options);
