using Provisioner.Hypervisors;

namespace Provisioner.Server.Configuration;

/// <summary>Where the network adapter of a VM leads.</summary>
internal sealed record NetworkOptions
{
    /// <summary>The hypervisor's own default when absent.</summary>
    public VmNetworkKind? Kind { get; set; }

    /// <summary>The host's interface; with QEMU a bridge.</summary>
    public string? Interface { get; set; }
}
