namespace Provisioner.Hypervisors.Qemu;

/// <summary>What guests can reach. In every case the host's loopback is closed to them.</summary>
public enum QemuNetwork
{
    /// <summary>Whatever the host can reach over IPv4, its own addresses in its networks too, but not its loopback. Needs the program <c>passt</c> and QEMU 7.2.</summary>
    Passt,

    /// <summary>Nothing but <see cref="QemuOptions.Forwards"/>. For demos and tests.</summary>
    Restricted,

    /// <summary>No network device at all.</summary>
    None,
}
