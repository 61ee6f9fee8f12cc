using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Provisioner.Certificates;
using Provisioner.Client.Api;

namespace Provisioner.Tests.Certificates;

/// <summary>What the product's own client makes of these certificates, in a real handshake.</summary>
public sealed class TrustTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("vbdp-trust-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory(Timeout = 30_000)]
    [InlineData("ca.pem")]
    [InlineData("cert.pem")]
    public async Task The_client_trusts_the_server_by_either_file(string file)
    {
        await MakeAsync(folder);

        Assert.Null(await ConnectAsync(await File.ReadAllTextAsync(Path.Combine(folder, file), TestContext.Current.CancellationToken)));
    }

    [Fact(Timeout = 30_000)]
    public async Task The_client_trusts_the_server_by_its_leaf_alone()
    {
        await MakeAsync(folder);
        using var leaf = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(folder, "cert.pem")));

        Assert.Null(await ConnectAsync(leaf.ExportCertificatePem()));
    }

    [Fact(Timeout = 30_000)]
    public async Task The_client_trusts_a_certificate_of_the_original()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("O=acme", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(364));
        File.WriteAllText(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());

        Assert.Null(await ConnectAsync(certificate.ExportCertificatePem()));
    }

    [Fact(Timeout = 30_000)]
    public async Task The_client_refuses_a_server_of_another_authority()
    {
        var other = Directory.CreateDirectory(Path.Combine(folder, "other")).FullName;
        await MakeAsync(folder);
        await MakeAsync(other);

        Assert.NotNull(await ConnectAsync(File.ReadAllText(Path.Combine(other, "ca.pem"))));
    }

    private static async Task MakeAsync(string folder) =>
        Assert.Equal(0, await CertGenerator.RunAsync(["-host", "localhost", "-org", "acme", "--out", folder], TimeProvider.System, TextWriter.Null, TextWriter.Null));

    /// <summary>Why the client does not trust the server; null if it does.</summary>
    private async Task<Exception?> ConnectAsync(string trusted)
    {
        Assert.True(ServerTrust.TryReadCertificates(trusted, out var anchors));
        ServerTrust trust = new(anchors, null);
        CertificateCheck check = new(new Uri("https://localhost"), trust, TimeProvider.System);
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener);
        using TcpClient connection = new();
        await connection.ConnectAsync((IPEndPoint)listener.LocalEndpoint, TestContext.Current.CancellationToken);
        await using SslStream client = new(connection.GetStream());
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = "localhost",
            CertificateChainPolicy = trust.ChainPolicy(),
            RemoteCertificateValidationCallback = check.Accepts,
        };
        var failure = await Record.ExceptionAsync(() => client.AuthenticateAsClientAsync(options, TestContext.Current.CancellationToken));
        connection.Close();
        await serving;
        return (Exception?)check.Rejection ?? failure;
    }

    private async Task ServeAsync(TcpListener listener)
    {
        using var leaf = X509Certificate2.CreateFromPemFile(Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"));
        X509Certificate2Collection chain = [];
        chain.ImportFromPemFile(Path.Combine(folder, "cert.pem"));
        using var connection = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await using SslStream server = new(connection.GetStream());
        SslServerAuthenticationOptions options = new() { ServerCertificateContext = SslStreamCertificateContext.Create(leaf, chain, offline: true) };
        try
        {
            await server.AuthenticateAsServerAsync(options, TestContext.Current.CancellationToken);
        }
        catch (Exception e) when (e is AuthenticationException or IOException)
        {
            // The client has hung up: it says why.
        }
    }
}
