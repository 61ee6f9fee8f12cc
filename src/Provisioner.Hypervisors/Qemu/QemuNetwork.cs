namespace Provisioner.Hypervisors.Qemu;

/// <summary>What guests can reach.</summary>
public enum QemuNetwork
{
    /// <summary>
    /// Whatever the host can reach over IPv4, its own addresses too. Its loopback only by packets that no ordinary guest sends, which passt hands on
    /// (measured with Debian 12's): the host's firewall has to refuse them, <c>packaging/nftables</c>. Needs the program <c>passt</c> and QEMU 7.2.
    /// </summary>
    Passt,

    /// <summary>Nothing but <see cref="QemuOptions.Forwards"/>. For demos and tests.</summary>
    Restricted,

    /// <summary>No network device at all.</summary>
    None,
}
