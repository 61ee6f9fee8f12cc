using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Provisioner.Tests.Programs;

/// <summary>Listens on all addresses of this machine where nobody has business to come, and counts who comes nevertheless.</summary>
internal sealed class Sink : IAsyncDisposable
{
    private readonly TcpListener _listener = TcpListener.Create(0); // IPv6 and IPv4 at once
    private readonly CancellationTokenSource _ends = new();
    private readonly Task _accepting;
    private readonly ConcurrentBag<int> _callers = [];
    private readonly SemaphoreSlim _arrived = new(0);
    private int _own;

    public Sink()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many came so far. One of our own is behind all others: when it was counted, they were.</summary>
    public async Task<int> ConnectionsAsync()
    {
        using var last = new TcpClient();
        await last.ConnectAsync(IPAddress.Loopback, Port, TestContext.Current.CancellationToken);
        while (!_callers.Contains(((IPEndPoint)last.Client.LocalEndPoint!).Port))
        {
            await _arrived.WaitAsync(TestContext.Current.CancellationToken);
        }

        return _callers.Count - ++_own;
    }

    public async ValueTask DisposeAsync()
    {
        await _ends.CancelAsync();
        await _accepting;
        _listener.Dispose();
        _ends.Dispose();
        _arrived.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_ends.Token);
                _callers.Add(((IPEndPoint)client.Client.RemoteEndPoint!).Port);
                _arrived.Release();
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
