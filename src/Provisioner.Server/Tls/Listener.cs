using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Tls;

/// <summary>The one listener: TLS 1.2 or later with suites that authenticate what they encrypt, the configured certificate, and limits that a stranger cannot wear down. There is no plain HTTP.</summary>
internal static class Listener
{
    /// <summary>One that made room for another takes a moment to be closed, and still counts then.</summary>
    private const int ClosingConnections = 256;

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
        var connections = kestrel.ApplicationServices.GetRequiredService<OpenConnections>();
        var slowest = new MinDataRate(options.Limits.BytesPerSecond, options.Limits.SlowGrace);
        var clients = kestrel.ApplicationServices.GetService<ClientCertificates>();
        var shown = kestrel.ApplicationServices.GetService<ShownCertificates>();
        clients?.Policy(); // the same for the authority of clients, where they may have certificates
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = options.Limits.Connections + ClosingConnections;
        kestrel.Limits.MinRequestBodyDataRate = slowest;
        kestrel.Limits.MinResponseDataRate = slowest;
        kestrel.Limits.KeepAliveTimeout = options.Limits.IdleConnection;
        kestrel.Limits.MaxRequestBodySize = 64 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestLineSize = 4 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        ConfigureHttp2(kestrel.Limits.Http2);
        kestrel.Listen(IPAddress.Parse(options.Host), options.Port, listen => listen.Hold(connections).UseHttps(https =>
        {
            https.ServerCertificate = first.TargetCertificate;
            https.OnAuthenticate = (caller, connection) =>
            {
                shown?.ComeFrom(caller);
                connection.ServerCertificateContext = certificate.Current();
                connection.CipherSuitesPolicy = CipherSuites.Policy;
                connection.CertificateChainPolicy = clients?.Policy();
                connection.AllowTlsResume = clients is null; // a certificate is shown with each connection
            };
            if (shown is not null)
            {
                // Who shows none has a token. Who shows one that does not count gets no connection, and is not taken for one who showed none.
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.ClientCertificateValidation = (certificate, _, errors) => shown.Accept(certificate, errors);
            }

            https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
            https.HandshakeTimeout = TimeSpan.FromSeconds(10);
        }));
    }

    /// <summary>A client that is silent while it has streams open is asked whether it is still there.</summary>
    private static void ConfigureHttp2(Http2Limits http2)
    {
        http2.MaxStreamsPerConnection = 50;
        http2.MaxFrameSize = 16 * 1024;
        http2.MaxRequestHeaderFieldSize = 16 * 1024; // a token may be long: what HTTP/1 allows for all headers
        http2.InitialConnectionWindowSize = 128 * 1024;
        http2.InitialStreamWindowSize = 64 * 1024;
        http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }

    private static ListenOptions Hold(this ListenOptions listen, OpenConnections connections)
    {
        listen.Use(next => connection => connections.HoldAsync(connection, next));
        return listen;
    }
}
