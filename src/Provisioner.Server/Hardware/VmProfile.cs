using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Hardware;

/// <summary>The hardware profile of a VM, as it stands in the configuration now.</summary>
internal static class VmProfile
{
    /// <summary>What it asks for; null for none.</summary>
    /// <exception cref="HypervisorException">There is no such profile any more.</exception>
    public static HardwareOptions? Of(Vm vm, ServerOptions options) =>
        vm.Hardware is not { } name ? null
        : options.Hardware.TryGetValue(name, out var profile) ? profile
        : throw new HypervisorException(HypervisorFault.DeviceAbsent, $"The hardware {name} is no longer in the configuration.");

    /// <summary>Before it is cloned.</summary>
    /// <exception cref="HypervisorException">The profile has devices that the VM did not get its place with: others may have those.</exception>
    public static void RequireLeases(Vm vm, ServerOptions options)
    {
        var leases = Of(vm, options)?.ToHardware().Leases ?? [];
        if (leases.Except(vm.Reserved?.Devices ?? []).FirstOrDefault() is { } lacking)
        {
            throw new HypervisorException(HypervisorFault.DeviceAbsent, $"The hardware {vm.Hardware} was changed since the VM got its place: it does not hold {lacking}.");
        }
    }
}
