namespace Provisioner.Contracts;

/// <summary>An amount of what VMs share; null where there is no limit.</summary>
/// <param name="Vms">Their number.</param>
/// <param name="Cpus">Virtual CPUs.</param>
/// <param name="Memory">In MiB.</param>
/// <param name="Disk">In MiB.</param>
public sealed record HostRoom(long Vms, long? Cpus, long? Memory, long? Disk);
