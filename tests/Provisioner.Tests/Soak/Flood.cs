using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Provisioner.Server.Access;

namespace Provisioner.Tests.Soak;

/// <summary>What strangers can do to a server on this machine, from addresses of 127.0.0.0/8.</summary>
internal sealed class Flood(int port) : IDisposable
{
    private const int AtOnce = 32, TokenAddresses = 100, Batch = 20;

    private const string Status = "HTTP/1.1 401";

    private static readonly IPAddress Crowd = IPAddress.Parse("127.0.0.3"), SlowCrowd = IPAddress.Parse("127.0.0.4");

    private readonly ConcurrentBag<IDisposable> _held = [];
    private int _opened, _slow;
    private long _answers, _busy, _accepted;

    /// <summary>Idle connections that came to be, whether or not the server kept them.</summary>
    public int Opened => _opened;

    public int SlowOnes => _slow;

    /// <summary>Answers to bad tokens.</summary>
    public long Answers => _answers;

    /// <summary>Those of them that said: too many.</summary>
    public long Busy => _busy;

    /// <summary>Those that let one in.</summary>
    public long Accepted => _accepted;

    public static string HashOf(X509Certificate shown) => shown.GetCertHashString(HashAlgorithmName.SHA256);

    public static async Task<Socket> ConnectAsync(IPAddress from, int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.Bind(new IPEndPoint(from, 0));
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public Task OpenIdleAsync(int count, CancellationToken cancellationToken) => Parallel.ForAsync(
        0,
        count,
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
        async (_, stop) =>
        {
            if (await TrySecureAsync(Crowd, stop) is { } idle)
            {
                _held.Add(idle);
                Interlocked.Increment(ref _opened);
            }
        });

    /// <summary>So many requests that come a byte a second, each begun anew when the server has had enough of it.</summary>
    public Task BeSlowAsync(int count, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(number => UntilStoppedAsync(() => DripAsync(number, cancellationToken), cancellationToken)));

    /// <summary>So many requests a second with tokens that are well made and of nobody.</summary>
    public Task TryTokensAsync(int perSecond, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(1, TokenAddresses).Select(number => UntilStoppedAsync(
            () => TryAsync(IPAddress.Parse($"127.0.1.{number}"), TimeSpan.FromSeconds((double)Batch * TokenAddresses / perSecond), cancellationToken), cancellationToken)));

    public void Dispose()
    {
        foreach (var held in _held)
        {
            held.Dispose();
        }
    }

    private async Task DripAsync(int number, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(10 * number), TimeProvider.System, cancellationToken); // not all in the same moment
        if (await TrySecureAsync(SlowCrowd, cancellationToken) is not { } slow)
        {
            return;
        }

        await using (slow)
        {
            Interlocked.Increment(ref _slow);
            foreach (var letter in "GET /v1/vms HTTP/1.1\r\nHost: localhost\r\nX-Slow: as slow as can be\r\n")
            {
                await slow.WriteAsync(new[] { (byte)letter }, cancellationToken);
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            }
        }
    }

    private async Task TryAsync(IPAddress from, TimeSpan pace, CancellationToken cancellationToken)
    {
        if (await TrySecureAsync(from, cancellationToken) is not { } connection)
        {
            return;
        }

        await using (connection)
        {
            using var timer = new PeriodicTimer(pace);
            var buffer = new byte[64 * 1024];
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var request = $"GET /v1/vms HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {ApiToken.Create().Text}\r\n\r\n";
                await connection.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(request, Batch))), cancellationToken);
                for (var (answers, rest) = (0, ""); answers < Batch;)
                {
                    var length = await connection.ReadAsync(buffer, cancellationToken);
                    if (length == 0)
                    {
                        return;
                    }

                    var text = rest + Encoding.ASCII.GetString(buffer, 0, length);
                    answers += Count(text);
                    rest = text[Math.Max(0, text.Length - Status.Length + 1)..]; // the beginning of one, perhaps, and no whole one
                }
            }
        }
    }

    private int Count(string text)
    {
        var (denied, busy, accepted) = (Occurrences(text, Status), Occurrences(text, "HTTP/1.1 429"), Occurrences(text, "HTTP/1.1 200"));
        Interlocked.Add(ref _answers, denied + busy + accepted);
        Interlocked.Add(ref _busy, busy);
        Interlocked.Add(ref _accepted, accepted);
        return denied + busy + accepted;
    }

    private static int Occurrences(string text, string word) => text.Split(word).Length - 1;

    private async Task<SslStream?> TrySecureAsync(IPAddress from, CancellationToken cancellationToken)
    {
        var tls = default(SslStream);
        try
        {
            tls = new SslStream(new NetworkStream(await ConnectAsync(from, port, cancellationToken), ownsSocket: true));
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null }, cancellationToken);
            return tls;
        }
        catch (Exception refused) when (refused is IOException or SocketException or System.Security.Authentication.AuthenticationException)
        {
            tls?.Dispose();
            return null;
        }
    }

    private static async Task UntilStoppedAsync(Func<Task> act, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await act();
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            }
            catch (Exception ended) when (ended is IOException or SocketException or OperationCanceledException)
            {
                // Begun anew, unless it was time to stop.
            }
        }
    }
}
