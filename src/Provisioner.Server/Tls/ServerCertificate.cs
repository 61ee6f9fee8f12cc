using System.Net.Security;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Tls;

/// <summary>
/// The certificate that new connections are shown. When its files change they are read again, so a renewal needs no restart; a pair
/// that cannot be used leaves the one before in its place. Looked at with each connection: that costs far less than its handshake.
/// </summary>
internal sealed partial class ServerCertificate(ServerOptions options, TimeProvider time, ILogger<ServerCertificate> logger)
{
    private readonly Lock _turn = new();
    private SslStreamCertificateContext? _current;
    private string _stamp = "";

    /// <summary>What to show now.</summary>
    /// <exception cref="CertificateException">The first pair of all cannot be used.</exception>
    public SslStreamCertificateContext Current()
    {
        lock (_turn)
        {
            var stamp = $"{Stamp(options.CertFile)} {Stamp(options.KeyFile)}";
            if (_current is null)
            {
                _current = Read();
            }
            else if (stamp != _stamp)
            {
                Renew();
            }

            _stamp = stamp;
            return _current;
        }
    }

    private void Renew()
    {
        try
        {
            _current = Read();
            LogRenewed(_current.TargetCertificate.NotAfter);
        }
        catch (CertificateException problem)
        {
            // Files are replaced one after the other: between the two they do not fit, and the second change is looked at again.
            LogKept(problem.Message);
        }
    }

    private SslStreamCertificateContext Read()
    {
        var (leaf, chain) = Listener.Load(options);
        return leaf.NotAfter < time.GetLocalNow().DateTime
            ? throw new CertificateException($"The certificate {options.CertFile} expired on {leaf.NotAfter:u}. Renew it: cert-generator renew.")
            : SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    /// <summary>Differs when a file, or the one that a link leads to, was written or replaced.</summary>
    private static string Stamp(string path)
    {
        try
        {
            var file = File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path);
            return file.Exists ? $"{file.FullName} {file.LastWriteTimeUtc.Ticks} {file.Length}" : "none";
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return "none";
        }
    }

    [LoggerMessage(LogLevel.Information, "The certificate was renewed; new connections are shown the one that is valid until {NotAfter:u}")]
    private partial void LogRenewed(DateTime notAfter);

    [LoggerMessage(LogLevel.Error, "The certificate was changed, and the one before stays in use: {Cause}")]
    private partial void LogKept(string cause);
}
