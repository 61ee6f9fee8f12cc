using System.Net;
using Microsoft.AspNetCore.Connections;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Tls;

/// <summary>
/// Who is connected. When an address, or the server, has as many connections as it may, a new one takes the place of the oldest on which
/// nobody has proved who it is, of the address that has most of these: who opens thousands and asks nothing crowds out itself. Where all
/// are in use by callers, the new one is closed.
/// </summary>
internal sealed class OpenConnections(LimitOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, List<OpenConnection>> _byAddress = [];
    private int _count;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>The first thing that happens to a connection, before TLS costs anything.</summary>
    public async Task HoldAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var address = Network((connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None);
        if (Open(address, () => connection.Abort(new ConnectionAbortedException("Made room for another connection."))) is not { } opened)
        {
            connection.Abort(new ConnectionAbortedException("Too many connections."));
            return;
        }

        connection.Features.Set(opened);
        try
        {
            await next(connection);
        }
        finally
        {
            Close(opened);
        }
    }

    /// <summary>Whom connections are counted for: of IPv6 the network of 64 bits, because whoever has one address there has them all.</summary>
    public static IPAddress Network(IPAddress address) =>
        address.IsIPv4MappedToIPv6 ? address.MapToIPv4()
        : address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6 ? address
        : new IPAddress([.. address.GetAddressBytes().AsSpan(0, 8), .. new byte[8]]);

    /// <summary>Null where it may not be.</summary>
    public OpenConnection? Open(IPAddress address, Action abort)
    {
        OpenConnection? replaced = null;
        OpenConnection opened;
        lock (_gate)
        {
            var own = _byAddress.GetValueOrDefault(address);
            var isFull = _count >= options.Connections;
            if (isFull || own?.Count >= options.ConnectionsPerAddress)
            {
                replaced = own?.Count >= options.ConnectionsPerAddress
                    ? own.Find(connection => !connection.IsAdmitted)
                    : _byAddress.Values.OrderByDescending(list => list.Count(connection => !connection.IsAdmitted)).First().Find(connection => !connection.IsAdmitted);
                if (replaced is null)
                {
                    return null;
                }

                Remove(replaced);
            }

            opened = new OpenConnection(address, abort);
            if (!_byAddress.TryGetValue(address, out var list))
            {
                _byAddress[address] = list = [];
            }

            list.Add(opened);
            _count++;
        }

        replaced?.Abort();
        return opened;
    }

    public void Close(OpenConnection connection)
    {
        lock (_gate)
        {
            Remove(connection);
        }
    }

    private void Remove(OpenConnection connection)
    {
        if (_byAddress.TryGetValue(connection.Address, out var list) && list.Remove(connection))
        {
            _count--;
            if (list.Count == 0)
            {
                _byAddress.Remove(connection.Address);
            }
        }
    }
}
