using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Provisioner.Tests.CancelledSteps;

/// <summary>The network between client and server, which clogs or breaks where a rule says so.</summary>
internal sealed class Wire : IAsyncDisposable
{
    private const int HeaderLength = 5;
    private const byte Encrypted = 23;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<WireRecord, WireDeed> _rule;
    private readonly int _port;
    private readonly CancellationTokenSource _severed = new();
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Task> _connections = [];
    private readonly Task _accepting;

    public Wire(int port, Func<WireRecord, WireDeed> rule)
    {
        (_port, _rule) = (port, rule);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Completes when something was held for the first time.</summary>
    public Task Held => _reached.Task;

    /// <summary>Cuts everything off; whoever connects from now on is refused.</summary>
    public async Task SeverAsync()
    {
        await _severed.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
    }

    public async ValueTask DisposeAsync()
    {
        await SeverAsync();
        _listener.Dispose();
        _severed.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            for (var number = 1; ; number++)
            {
                var client = await _listener.AcceptTcpClientAsync(_severed.Token);
                _connections.Add(JoinAsync(client, number));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Severed.
        }
    }

    private async Task JoinAsync(TcpClient client, int number)
    {
        using var near = client;
        using var far = new TcpClient();
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(_severed.Token);
        var said = new Counter();
        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _port, cut.Token);
            var first = await Task.WhenAny(
                CarryAsync(near.GetStream(), far.GetStream(), number, said, fromServer: false, cut.Token),
                CarryAsync(far.GetStream(), near.GetStream(), number, said, fromServer: true, cut.Token));
            await first;
        }
        catch (Exception end) when (end is OperationCanceledException or IOException or SocketException)
        {
            // Cut off, by a rule or by one of the ends.
        }

        await cut.CancelAsync();
    }

    private async Task CarryAsync(NetworkStream from, NetworkStream to, int number, Counter said, bool fromServer, CancellationToken cut)
    {
        var buffer = new byte[HeaderLength + (1 << 16)];
        while (true)
        {
            await from.ReadExactlyAsync(buffer.AsMemory(0, HeaderLength), cut);
            var length = HeaderLength + BinaryPrimitives.ReadUInt16BigEndian(buffer.AsSpan(3));
            await from.ReadExactlyAsync(buffer.AsMemory(HeaderLength, length - HeaderLength), cut);
            said.Value += !fromServer && buffer[0] == Encrypted ? 1 : 0;
            var deed = _rule(new WireRecord(number, fromServer, said.Value));
            if (deed == WireDeed.Hold)
            {
                _reached.TrySetResult();
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cut);
            }

            if (deed == WireDeed.Cut)
            {
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, length), cut);
        }
    }

    private sealed class Counter
    {
        public int Value { get; set; }
    }
}
