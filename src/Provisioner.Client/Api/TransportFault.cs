using System.Net.Sockets;
using System.Security.Authentication;

namespace Provisioner.Client.Api;

/// <summary>Says in words why no answer came.</summary>
internal static class TransportFault
{
    public static ClientException Explain(HttpRequestException error, Uri server, bool showedCertificate = false)
    {
        var socket = Inner<SocketException>(error)?.SocketErrorCode;
        var proxy = Proxy(server);
        var (cause, remedy) = (error.HttpRequestError, socket) switch
        {
            (HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError, _) when proxy is not null =>
                ($"The proxy {proxy.Authority} made no connection to {server.Authority} ({error.InnerException?.Message ?? error.Message}).", "Check HTTPS_PROXY, and whether NO_PROXY is to name the server: the way to a host of your own seldom leads through a proxy."),
            (HttpRequestError.NameResolutionError, _) =>
                ($"The name '{server.Host}' is not known to the DNS here.", "Check the server's address, and that this machine may resolve it."),
            (_, SocketError.ConnectionRefused) =>
                ($"Nothing listens at {server.Authority}: the connection was refused.", "Check address and port, and that virtualbox-server runs there (systemctl status virtualbox-server)."),
            (_, SocketError.HostUnreachable or SocketError.NetworkUnreachable) =>
                ($"There is no route to {server.Authority}.", "The machine that runs this step must be in a network from which the server can be reached."),
            (HttpRequestError.Unknown or HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.SecureConnectionError, _) when showedCertificate =>
                ($"The connection to {server.Authority} broke ({error.InnerException?.Message ?? error.Message}). The server may have refused the certificate of this client.", "See the server's log: it may have expired, be revoked, or come from another authority than the server's clientCertificates.caFile."),
            (HttpRequestError.SecureConnectionError, _) when Inner<AuthenticationException>(error) is null =>
                ($"The connection to {server.Authority} broke in the TLS handshake ({error.InnerException?.Message ?? error.Message}).", "See the server's log; a proxy or firewall in between may cut it."),
            (HttpRequestError.SecureConnectionError, _) =>
                ($"{server.Authority} answers, but not with TLS 1.2 or newer ({error.InnerException?.Message ?? error.Message}).", "Check the port, and that nothing in between breaks TLS."),
            (HttpRequestError.ConnectionError, _) =>
                ($"No connection to {server.Authority} ({error.InnerException?.Message ?? error.Message}).", "Check address, port and firewall."),
            _ => ($"The connection to {server.Authority} broke ({error.Message}).", "See the server's log; a proxy or firewall in between may cut it."),
        };
        return new ClientException(ExitCode.Unreachable, "Server not reachable", cause, remedy)
        {
            // A handshake that was cut off, as by a server that ends, may succeed with the next one; one that was refused will not.
            Transient = error.HttpRequestError != HttpRequestError.SecureConnectionError || Inner<AuthenticationException>(error) is null,
            Unsent = error.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError,
        };
    }

    public static ClientException Silent(Uri server, TimeSpan patience) =>
        new(ExitCode.Unreachable, "Server not reachable", $"{server.Authority} gave no answer within {patience.TotalSeconds:0} s.",
            "Check address, port and firewall (one that drops packets looks like this), and the server's health (/healthz).")
        {
            Transient = true,
        };

    public static ClientException NoConnection(Uri server, TimeSpan patience) =>
        new(ExitCode.Unreachable, "Server not reachable", $"No connection to {server.Authority} came about within {patience.TotalSeconds:0} s.",
            "Check address, port and firewall (one that drops packets looks like this), and how busy the server is.")
        {
            Transient = true,
            Unsent = true,
        };

    /// <summary>The proxy that the environment names for this server; null if there is none.</summary>
    private static Uri? Proxy(Uri server) => HttpClient.DefaultProxy.IsBypassed(server) ? null : HttpClient.DefaultProxy.GetProxy(server);

    private static T? Inner<T>(Exception error)
        where T : Exception
    {
        for (var inner = error.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is T found)
            {
                return found;
            }
        }

        return null;
    }
}
