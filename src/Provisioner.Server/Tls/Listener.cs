using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Tls;

/// <summary>The one listener: TLS 1.2 or later with suites that authenticate what they encrypt, the configured certificate, and limits that a stranger cannot wear down. There is no plain HTTP.</summary>
internal static class Listener
{
    /// <summary>Reads certificate, chain and key.</summary>
    /// <exception cref="CertificateException">They cannot be used; the message says why and what to do.</exception>
    public static (X509Certificate2 Leaf, X509Certificate2Collection Chain) Load(ServerOptions options)
    {
        try
        {
            var leaf = X509Certificate2.CreateFromPemFile(options.CertFile, options.KeyFile);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(options.CertFile);
            return (leaf, chain);
        }
        catch (Exception problem) when (problem is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new CertificateException(
                $"The certificate {options.CertFile} with the key {options.KeyFile} cannot be used: {problem.Message} Make a pair with cert-generator.", problem);
        }
    }

    public static void Configure(KestrelServerOptions kestrel, ServerOptions options)
    {
        var certificate = kestrel.ApplicationServices.GetRequiredService<ServerCertificate>();
        var first = certificate.Current(); // refuses to start without a good one
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.Limits.Connections;
        kestrel.Limits.MaxRequestBodySize = 64 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestLineSize = 4 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.Http2.MaxStreamsPerConnection = 50;
        kestrel.Listen(IPAddress.Parse(options.Host), options.Port, listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = first.TargetCertificate;
            https.OnAuthenticate = (_, connection) =>
            {
                connection.ServerCertificateContext = certificate.Current();
                connection.CipherSuitesPolicy = CipherSuites.Policy;
            };
            https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
            https.HandshakeTimeout = TimeSpan.FromSeconds(10);
        }));
    }
}
