using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Doctor;

/// <summary>Whether the server runs, shows the certificate of this configuration, and says that it is ready.</summary>
internal static class ListenerCheck
{
    private const string Name = "server";
    private const string Page = "docs/how-to/troubleshoot.md";

    public static async Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options, CancellationToken cancellationToken)
    {
        var address = IPAddress.Parse(options.Host);
        var host = address.Equals(IPAddress.Any) ? IPAddress.Loopback : address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : address;
        var server = new UriBuilder(Uri.UriSchemeHttps, host.ToString(), options.Port, "/readyz").Uri;
        using var own = X509Certificate2.CreateFromPem(await File.ReadAllTextAsync(options.CertFile, cancellationToken));
        var showsAnother = false;
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            showsAnother = certificate?.GetCertHashString() != own.GetCertHashString();
            return !showsAnother;
        };
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(20) };
        try
        {
            using var answer = await http.GetAsync(server, cancellationToken);
            var text = (await answer.Content.ReadAsStringAsync(cancellationToken)).Trim();
            return [Judge(options, server, answer.StatusCode, text)];
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused })
        {
            return [Finding.Warn(Name, $"No server listens on {server.Authority}.", "sudo systemctl start virtualbox-server, and see: journalctl -u virtualbox-server -n 50", Page)];
        }
        catch (HttpRequestException) when (showsAnother)
        {
            return [Finding.Warn(Name, $"What listens on {server.Authority} shows another certificate than {options.CertFile}.", "See whether that is the server, and its log: journalctl -u virtualbox-server -n 50", Page)];
        }
        catch (HttpRequestException e)
        {
            return [Finding.Fail(Name, $"What listens on {server.Authority} does not speak as the server does: {e.Message}", $"See whose it is: sudo ss -ltnp 'sport = {options.Port}'", Page)];
        }
    }

    private static Finding Judge(ServerOptions options, Uri server, HttpStatusCode status, string text) => (status, text) switch
    {
        (HttpStatusCode.OK, "ready") => Finding.Ok(Name, $"Listens on {server.Authority}, and is ready"),
        (HttpStatusCode.ServiceUnavailable, _) when text.StartsWith("not ready", StringComparison.Ordinal) =>
            Finding.Fail(Name, $"It listens on {server.Authority}, and is {text}.", "Mend what the lines below say, and see its log.", Page),
        _ => Finding.Fail(Name, $"Something else than this server answers on {server.Authority}, with {(int)status}.", $"See whose it is: sudo ss -ltnp 'sport = {options.Port}'", Page),
    };
}
