using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Access;

/// <summary>A server that lets clients in by certificates of an authority, and the files that say which.</summary>
internal sealed class CertificateServer : IAsyncDisposable
{
    public const string Policy =
        """
        { "rules": [
          { "name": "farm", "who": { "certificate": "build-farm" }, "may": { "repositories": ["acme/gpu"], "images": ["debian-12"], "maxVms": 2 } },
          { "name": "other", "who": { "certificate": "other" }, "may": { "repositories": ["tools/*"], "images": ["debian-12"], "maxVms": 2 } },
        ] }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("certificates").FullName;

    private CertificateServer(TimeProvider time) => Forge = new ClientCertificateForge(time.GetUtcNow());

    public ClientCertificateForge Forge { get; }

    public RunningServer Server { get; private set; } = null!;

    public string Folder => _folder;

    public string CaFile => Path.Combine(_folder, "ca.pem");

    public string RevokedFile => Path.Combine(_folder, "revoked.txt");

    public static async Task<CertificateServer> StartAsync(TimeProvider? time = null)
    {
        var made = new CertificateServer(time ?? TimeProvider.System);
        var policy = Path.Combine(made._folder, "policy.json");
        File.WriteAllText(policy, Policy);
        File.WriteAllText(made.CaFile, made.Forge.AuthorityPem);
        made.Revoke();
        made.Server = await RunningServer.StartAsync(
            options =>
            {
                options.PolicyFile = policy;
                (options.ClientCertificates.CaFile, options.ClientCertificates.RevokedFile) = (made.CaFile, made.RevokedFile);
                (options.Limits.Burst, options.Limits.RequestsPerSecond) = (2000, 2000);
            },
            time);
        return made;
    }

    /// <summary>From now on these and no others are revoked.</summary>
    public void Revoke(params IEnumerable<X509Certificate2> certificates) =>
        File.WriteAllLines(RevokedFile, certificates.Select(certificate => certificate.SerialNumber).Prepend("# serial numbers"));

    /// <summary>A client that shows the certificate, or none, and sends no token.</summary>
    public HttpClient Connect(X509Certificate2? certificate, Action? connected = null)
    {
        var handler = new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, shown, _, _) =>
                {
                    connected?.Invoke();
                    return Server.Fingerprint == $"sha256:{shown?.GetCertHashString(HashAlgorithmName.SHA256)}";
                },
                ClientCertificateContext = certificate is null ? null : SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
            },
        };
        return new HttpClient(handler) { BaseAddress = Server.Address };
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Forge.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
