using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Client.Api;

/// <summary>
/// Decides whether the certificate that the server shows is the right one, and remembers in words why it was not: the exception that
/// .NET throws afterwards cannot tell a wrong authority from a wrong name.
/// </summary>
internal sealed class CertificateCheck(Uri server, ServerTrust trust, TimeProvider time)
{
    public ClientException? Rejection { get; private set; }

    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Rejection = certificate is X509Certificate2 shown
            ? Judge(shown, chain, errors)
            : Reject("shows no certificate.", "Check that the address is that of a virtualbox-server.");
        return Rejection is null;
    }

    private ClientException? Judge(X509Certificate2 shown, X509Chain? chain, SslPolicyErrors errors)
    {
        if (trust.Fingerprint is { } pin)
        {
            if (!CryptographicOperations.FixedTimeEquals(pin, shown.GetCertHash(HashAlgorithmName.SHA256)))
            {
                return Reject($"shows the certificate {ServerTrust.FingerprintOf(shown)}, which is not the one expected.",
                    "If the certificate was renewed, give the new fingerprint; if not, somebody else answers there.");
            }

            // The fingerprint names this one certificate: who issued it, for which name and until when adds nothing.
            if (trust.Anchors is null)
            {
                return null;
            }
        }

        return JudgeTime(shown) ?? JudgeIssuer(shown, chain, errors) ?? JudgeName(shown, errors);
    }

    private ClientException? JudgeTime(X509Certificate2 shown)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (now > shown.NotAfter.ToUniversalTime())
        {
            return Reject($"shows a certificate that expired on {shown.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC.",
                "Renew it on the server (cert-generator renew).");
        }

        return now < shown.NotBefore.ToUniversalTime()
            ? Reject($"shows a certificate that is valid only from {shown.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} UTC.",
                "Set the clock of this machine, or of the one that made the certificate.")
            : null;
    }

    private ClientException? JudgeIssuer(X509Certificate2 shown, X509Chain? chain, SslPolicyErrors errors)
    {
        // The original's users give the server's own certificate, not its authority.
        if (!errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) || trust.Anchors?.Any(anchor => anchor.RawDataMemory.Span.SequenceEqual(shown.RawDataMemory.Span)) == true)
        {
            return null;
        }

        var issuer = shown.IssuerName.Name;
        if (trust.Anchors is null)
        {
            return Reject($"shows a certificate of '{issuer}', which this system does not trust ({Details(chain)}).",
                $"Give the authority's certificate (ca.pem of cert-generator), or the fingerprint {ServerTrust.FingerprintOf(shown)} if you have checked it.");
        }

        return Reject($"shows a certificate of '{issuer}' that does not come from the authority given ({Details(chain)}).",
            "Give the certificate of the authority that signed the server's, whole and current.");
    }

    private ClientException? JudgeName(X509Certificate2 shown, SslPolicyErrors errors)
    {
        if (!errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return null;
        }

        var names = shown.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(names => names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())));
        return Reject($"shows a certificate for {string.Join(", ", names)}, not for '{server.Host}'.",
            "Use one of these names as the server's address, or make a certificate that holds this one (cert-generator -host).");
    }

    private ClientException Reject(string cause, string remedy) =>
        new(ExitCode.Unreachable, "Server not trusted", $"The server at {server.Authority} {cause}", remedy);

    private static string Details(X509Chain? chain) =>
        chain?.ChainStatus is { Length: > 0 } statuses ? string.Join(", ", statuses.Select(status => status.Status).Distinct()) : "no chain";
}
