using System.Net;
using System.Net.Sockets;

namespace Provisioner.GitHub;

/// <summary>
/// Connects to hosts whose names stand in the configuration, and looks at each connection where the name leads. To this machine itself, or to its
/// link, where clouds hand out credentials, no name leads: whoever answers for it would have us knock there. An address that was written as one, and localhost,
/// are meant. Private networks are allowed, because enterprises have their GitHub there.
/// </summary>
public static class OutwardConnection
{
    private static readonly IPNetwork[] Inward =
    [
        IPNetwork.Parse("0.0.0.0/8"), IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16"), IPNetwork.Parse("224.0.0.0/3"),
        IPNetwork.Parse("::/127"), IPNetwork.Parse("fe80::/10"), IPNetwork.Parse("ff00::/8"),
        IPNetwork.Parse("fd00:ec2::254/128"), // where Amazon's machines find their credentials by IPv6
    ];

    public static ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        ConnectAsync(context.DnsEndPoint, Dns.GetHostAddressesAsync, cancellationToken);

    /// <exception cref="IOException">The name leads inwards.</exception>
    internal static async ValueTask<Stream> ConnectAsync(
        DnsEndPoint to, Func<string, CancellationToken, Task<IPAddress[]>> resolve, CancellationToken cancellationToken)
    {
        // Resolved once: what is judged is what is connected to.
        var addresses = IPAddress.TryParse(to.Host, out var written) ? [written] : Judge(to.Host, await resolve(to.Host, cancellationToken));
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, to.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static IPAddress[] Judge(string host, IPAddress[] addresses) =>
        IsThisMachine(host) ? addresses
        : Array.Find(addresses, IsInward) is { } inward
        ? throw new IOException($"The name {host} leads to {inward}, which is this machine or its link, and is not followed. See what answers for that name; if it is right, write the address itself.")
        : addresses;

    private static bool IsInward(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Array.Exists(Inward, network => network.Contains(plain));
    }

    private static bool IsThisMachine(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
}
