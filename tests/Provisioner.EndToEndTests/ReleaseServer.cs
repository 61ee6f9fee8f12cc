using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Provisioner.EndToEndTests;

/// <summary>Answers as GitHub does when it is asked for the newest release of the runner, and hands out its tarball to guests.</summary>
internal sealed class ReleaseServer : IAsyncDisposable
{
    private const string GuestView = "10.0.2.101:8082";
    private const string File = "actions-runner-linux-x64-2.999.0.tar.gz";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly byte[] _tarball;
    private readonly Task _serving;

    public ReleaseServer(byte[] tarball)
    {
        _tarball = tarball;
        _listener.Start();
        Digest = Convert.ToHexStringLower(SHA256.HashData(tarball));
        _serving = ServeAsync();
    }

    /// <summary>What it says that the tarball's checksum is.</summary>
    public string Digest { get; set; }

    /// <summary>For <c>runner.releases</c>.</summary>
    public string Address => $"http://127.0.0.1:{Port}/releases/";

    /// <summary>For <c>qemu.forwards</c>.</summary>
    public string Forward => $"{GuestView}=127.0.0.1:{Port}";

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream client)
    {
        try
        {
            using var reader = new StreamReader(client, Encoding.ASCII, leaveOpen: true);
            var asked = (await reader.ReadLineAsync())?.Split(' ')[1];
            while (await reader.ReadLineAsync() is { Length: > 0 })
            {
                // What else it says of itself is of no interest.
            }

            var body = asked switch
            {
                "/releases/latest" => Encoding.UTF8.GetBytes(Release()),
                $"/{File}" => _tarball,
                _ => null,
            };
            await client.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {(body is null ? "404 Not Found" : "200 OK")}\r\nContent-Length: {body?.Length ?? 0}\r\nConnection: close\r\n\r\n"));
            await client.WriteAsync(body ?? []);
        }
        catch (IOException)
        {
            // Whoever asked went away.
        }
    }

    private string Release() => $$"""
        {"tag_name": "v2.999.0", "published_at": "2026-11-20T00:00:00Z", "assets": [
          {"name": "{{File}}", "digest": "sha256:{{Digest}}", "browser_download_url": "http://{{GuestView}}/{{File}}"}]}
        """;
}
