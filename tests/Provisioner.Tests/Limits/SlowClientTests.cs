using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Limits;

/// <summary>Those who are slow, or say nothing, over real sockets: they are cut off, and keep nobody out.</summary>
public sealed class SlowClientTests
{
    private const int Patience = 60_000;

    [Fact(Timeout = Patience)]
    public async Task A_body_that_does_not_come_is_cut_off_and_makes_no_vm()
    {
        await using var server = await RunningServer.StartAsync(options => (options.Limits.BytesPerSecond, options.Limits.SlowGrace) = (10_000, TimeSpan.FromSeconds(2)));
        await using var slow = await ConnectAsync(server);

        await slow.WriteAsync(
            Encoding.ASCII.GetBytes($"POST /v1/vms HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {server.Token.Text}\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n{{\"image\""),
            TestContext.Current.CancellationToken);

        Assert.DoesNotContain(" 202 ", await ToTheEndAsync(slow), StringComparison.Ordinal);
        Assert.Empty(server.Vms.List());
    }

    [Fact(Timeout = Patience)]
    public async Task An_answer_that_nobody_reads_is_cut_off()
    {
        await using var server = await RunningServer.StartAsync(options => (options.Limits.BytesPerSecond, options.Limits.SlowGrace) = (100_000, TimeSpan.FromSeconds(2)));
        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync("127.0.0.1", server.Address.Port, TestContext.Current.CancellationToken);
        await using var slow = await SecureAsync(server, client);
        var request = Encoding.ASCII.GetBytes("GET /openapi/v1.json HTTP/1.1\r\nHost: localhost\r\n\r\n");

        // Answers pile up until the server can write no more, and closes; then writing fails here.
        var end = await Record.ExceptionAsync(async () =>
        {
            while (true)
            {
                await slow.WriteAsync(request, TestContext.Current.CancellationToken);
            }
        });

        Assert.IsType<IOException>(end);
    }

    [Fact(Timeout = Patience)]
    public async Task A_connection_on_which_nothing_is_asked_is_closed()
    {
        await using var server = await RunningServer.StartAsync(options => options.Limits.IdleConnection = TimeSpan.FromSeconds(2));
        await using var idle = await ConnectAsync(server);

        Assert.Equal("", await ToTheEndAsync(idle));
    }

    [Fact(Timeout = Patience)]
    public async Task Idle_connections_keep_no_caller_out_and_a_callers_own_stays()
    {
        await using var server = await RunningServer.StartAsync(options => (options.Limits.Connections, options.Limits.ConnectionsPerAddress) = (8, 8));
        await server.CreateVmAsync("run-1");
        await using var events = await server.Http.GetStreamAsync("/v1/vms/run-1/events", TestContext.Current.CancellationToken);
        var idle = new List<SslStream>();
        for (var number = 0; number < 30; number++)
        {
            idle.Add(await ConnectAsync(server));
        }

        using var honest = server.Connect(server.Token.Text);
        using var answer = await honest.GetAsync("/v1/vms", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        foreach (var crowded in idle.Take(20))
        {
            Assert.Equal("", await ToTheEndAsync(crowded));
        }

        using var deleted = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        using var reader = new StreamReader(events);
        Assert.Contains("\"gone\"", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        foreach (var one in idle)
        {
            await one.DisposeAsync();
        }
    }

    private static async Task<SslStream> ConnectAsync(RunningServer server)
    {
        var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", server.Address.Port, TestContext.Current.CancellationToken);
        return await SecureAsync(server, client);
    }

    private static async Task<SslStream> SecureAsync(RunningServer server, TcpClient client)
    {
        var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, shown, _, _) => $"sha256:{shown?.GetCertHashString(HashAlgorithmName.SHA256)}" == server.Fingerprint },
            TestContext.Current.CancellationToken);
        return tls;
    }

    /// <summary>What comes until the other side hangs up, by whatever means.</summary>
    private static async Task<string> ToTheEndAsync(SslStream stream)
    {
        using var read = new MemoryStream();
        try
        {
            await stream.CopyToAsync(read, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // Without a farewell.
        }

        return Encoding.ASCII.GetString(read.ToArray());
    }
}
