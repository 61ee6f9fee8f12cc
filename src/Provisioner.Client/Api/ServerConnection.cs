using System.Net.Http.Headers;
using System.Net.Security;
using System.Reflection;
using System.Security.Authentication;

namespace Provisioner.Client.Api;

/// <summary>Where the server is, how it proves itself, and how we do.</summary>
internal sealed record ServerConnection(Uri Address, ServerTrust Trust, Credential Credential)
{
    public ServerConnection(Uri address, ServerTrust trust, string token)
        : this(address, trust, new StoredToken(token))
    {
    }

    // Nothing in the product answers with more; a wrong address must not fill the memory.
    private const int LargestReply = 4 * 1024 * 1024;

    public static TimeSpan ConnectTimeout { get; } = TimeSpan.FromSeconds(10);

    public HttpClient Open(CertificateCheck check)
    {
        var handler = new SocketsHttpHandler
        {
            // A redirect would carry the request somewhere that was not asked for.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = ConnectTimeout,
            SslOptions = new SslClientAuthenticationOptions
            {
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                CertificateChainPolicy = Trust.ChainPolicy(),
                RemoteCertificateValidationCallback = check.Accepts,
                ClientCertificateContext = Credential.Certificate is { } own ? SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true) : null,
            },
        };
        var http = new HttpClient(handler) { BaseAddress = Address, Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestReply };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("virtualbox-client", Version));
        return http;
    }

    public static string Version { get; } =
        typeof(ServerConnection).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public override string ToString() => Address.ToString();
}
