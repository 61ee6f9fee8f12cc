namespace Provisioner.Hypervisors;

/// <summary>How a machine's network adapter is attached.</summary>
public enum VmNetworkKind
{
    /// <summary>Outwards only, as the host. With QEMU that is passt.</summary>
    Nat,

    /// <summary>To the host and to other machines on the same interface. With QEMU that is a bridge without a port to the outside.</summary>
    HostOnly,

    /// <summary>As a machine of its own in the host's network. With QEMU the interface is a bridge.</summary>
    Bridged,
}
