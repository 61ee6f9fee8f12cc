namespace Provisioner.Hypervisors;

/// <summary>A machine of ours as the hypervisor shows it now.</summary>
public sealed record SeenVm(VmId Id, VmPower Power);
