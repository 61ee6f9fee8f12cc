using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Tls;

/// <summary>
/// Judges the certificates by which clients show who they are: when they connect, and again with each request, because a certificate can be
/// revoked, or run out, while its connection stays open.
/// </summary>
internal sealed partial class ClientCertificates
{
    private readonly TimeProvider _wall;
    private readonly ILogger<ClientCertificates> _logger;
    private readonly ReloadedFile<ClientAuthorities> _authorities;
    private readonly ReloadedFile<RevokedSerials>? _revoked;

    public ClientCertificates(ClientCertificateOptions options, TimeProvider wall, ILogger<ClientCertificates> logger)
    {
        (_wall, _logger) = (wall, logger);
        _authorities = new(options.CaFile!, ClientAuthorities.Parse, () => LogTaken(options.CaFile!), problem => LogKept(options.CaFile!, problem));
        _revoked = options.RevokedFile is { } file ? new(file, RevokedSerials.Parse, () => LogTaken(file), problem => LogKept(file, problem)) : null;
    }

    /// <summary>By what the chain of a certificate is built when a client connects.</summary>
    /// <exception cref="CertificateException">There is no usable file of authorities, and never was.</exception>
    public X509ChainPolicy Policy()
    {
        _ = _revoked?.Current();
        return _authorities.Current().Policy(_wall.GetUtcNow());
    }

    /// <summary>The name of the client, or null and why its certificate does not count.</summary>
    public (string? Name, string Problem) Judge(X509Certificate2 shown)
    {
        try
        {
            // From its bytes: one object of a certificate is not made for the several requests of a connection at once.
            using var certificate = X509CertificateLoader.LoadCertificate(shown.RawData);
            var (name, problem) = Read(certificate);
            if (name is null)
            {
                Log(certificate, problem);
            }

            return (name, problem);
        }
        catch (Exception problem) when (problem is CryptographicException or AsnContentException)
        {
            LogForged("", "it cannot be read");
            return (null, "it cannot be read");
        }
    }

    private (string? Name, string Problem) Read(X509Certificate2 certificate)
    {
        var (name, problem) = ClientCertificateForm.Read(certificate);
        return name is null ? (null, problem)
            : _authorities.Current().FindProblem(certificate, _wall.GetUtcNow()) is { } ofChain ? (null, ofChain)
            : _revoked?.Current().Contains(certificate) == true ? (null, "it is revoked")
            : (name, "");
    }

    // Anybody may show what our authority has not signed, as often as he likes: that is not worth a line in a log that people read.
    private void Log(X509Certificate2 certificate, string problem)
    {
        if (_authorities.Current().Signed(certificate, _wall.GetUtcNow()))
        {
            LogRefused(certificate.SerialNumber, problem);
        }
        else
        {
            LogForged(certificate.SerialNumber, problem);
        }
    }

    [LoggerMessage(LogLevel.Information, "Refused the client certificate with the serial number {Serial}, which our authority has signed: {Problem}")]
    private partial void LogRefused(string serial, string problem);

    [LoggerMessage(LogLevel.Debug, "Refused the client certificate with the serial number {Serial}: {Problem}")]
    private partial void LogForged(string serial, string problem);

    [LoggerMessage(LogLevel.Information, "Took {File} anew: it has changed")]
    private partial void LogTaken(string file);

    [LoggerMessage(LogLevel.Error, "{File} was changed and cannot be used, and what stood in it before stays in force. Mend the file; it is looked at again. {Problem}")]
    private partial void LogKept(string file, string problem);
}
