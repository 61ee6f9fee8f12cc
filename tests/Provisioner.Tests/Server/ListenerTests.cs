using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Server;

/// <summary>The one way in, over real sockets: present TLS and nothing else, and a certificate that can be renewed under it.</summary>
public sealed class ListenerTests
{
    private const int Patience = 60_000;

    [Theory(Timeout = Patience)]
    [InlineData(false, "-tls1")]
    [InlineData(false, "-tls1_1")]
    [InlineData(false, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256:@SECLEVEL=0")]
    [InlineData(false, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA:@SECLEVEL=0")]
    [InlineData(false, "-tls1_2", "-cipher", "AES128-GCM-SHA256:@SECLEVEL=0")]
    [InlineData(false, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0")]
    [InlineData(false, "-tls1_2", "-cipher", "NULL:@SECLEVEL=0")]
    [InlineData(false, "-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256")]
    [InlineData(true, "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256")]
    [InlineData(true, "-tls1_2", "-cipher", "ECDHE-ECDSA-CHACHA20-POLY1305")]
    [InlineData(true, "-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384")]
    public async Task OpenSsl_gets_in_with_present_tls_only(bool gets, params string[] how)
    {
        await using var server = await RunningServer.StartAsync();

        var output = await OpenSsl.RunAsync(["s_client", "-connect", server.Http.BaseAddress!.Authority, .. how]);

        Assert.Equal(gets, !output.Contains("Cipher is (NONE)", StringComparison.Ordinal));
        Assert.Contains("CONNECTED", output, StringComparison.Ordinal);
    }

    [Theory(Timeout = Patience)]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("\0\0\0\0")]
    public async Task Plain_bytes_are_answered_with_no_http(string bytes)
    {
        await using var server = await RunningServer.StartAsync();
        using var client = new TcpClient("127.0.0.1", server.Http.BaseAddress!.Port);
        await using var stream = client.GetStream();
        client.Client.Send(Encoding.ASCII.GetBytes(bytes));
        client.Client.Shutdown(SocketShutdown.Send);

        using var answer = new MemoryStream();
        try
        {
            await stream.CopyToAsync(answer, TestContext.Current.CancellationToken);
        }
        catch (IOException)
        {
            // It hung up without a word.
        }

        Assert.DoesNotContain("HTTP", Encoding.ASCII.GetString(answer.ToArray()), StringComparison.Ordinal);
    }

    [Theory(Timeout = Patience)]
    [InlineData("/healthz")]
    [InlineData("/none")]
    [InlineData("/v1/vms/none")]
    public async Task Every_answer_asks_for_tls_from_now_on_and_names_no_program(string path)
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.Http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal("max-age=31536000", Assert.Single(response.Headers.GetValues("Strict-Transport-Security")));
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("X-Powered-By"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_renewed_certificate_is_shown_without_a_restart_and_a_broken_one_never()
    {
        var (certFile, keyFile) = ("", "");
        await using var server = await RunningServer.StartAsync(options => (certFile, keyFile) = (options.CertFile, options.KeyFile));
        var first = await ShownAsync(server);
        Assert.Equal(first, await ShownAsync(server));

        var other = Directory.CreateTempSubdirectory("renewed").FullName;
        using var renewed = RunningServer.MakeCertificate(other);
        File.Copy(Path.Combine(other, "cert.pem"), certFile, overwrite: true); // the key is still the old one
        Assert.Equal(first, await ShownAsync(server));

        File.Copy(Path.Combine(other, "key.pem"), keyFile, overwrite: true);
        Assert.Equal(renewed.Thumbprint, await ShownAsync(server));

        await File.WriteAllTextAsync(certFile, "nonsense", TestContext.Current.CancellationToken);
        Assert.Equal(renewed.Thumbprint, await ShownAsync(server));

        File.Delete(certFile);
        File.Delete(keyFile);
        Assert.Equal(renewed.Thumbprint, await ShownAsync(server));
        Directory.Delete(other, recursive: true);
    }

    private static async Task<string> ShownAsync(RunningServer server)
    {
        var shown = "";
        using var client = new TcpClient("127.0.0.1", server.Http.BaseAddress!.Port);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = SslProtocols.Tls13,
                RemoteCertificateValidationCallback = (_, presented, _, _) => (shown = presented?.GetCertHashString() ?? "").Length > 0,
            },
            TestContext.Current.CancellationToken);
        return shown;
    }
}
