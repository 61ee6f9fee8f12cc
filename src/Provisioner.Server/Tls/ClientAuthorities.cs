using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Provisioner.Server.Tls;

/// <summary>
/// The authorities whose certificates count for clients, and no others: not those of the system, and none that a client sends along. Each
/// signs with its own hand, so that a chain is a client's certificate and an authority.
/// </summary>
internal sealed class ClientAuthorities
{
    private const int Links = 2;
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2Collection _all;

    private ClientAuthorities(X509Certificate2Collection all) => _all = all;

    public static (ClientAuthorities? Authorities, string? Problem) Parse(byte[] text)
    {
        X509Certificate2Collection all = [];
        try
        {
            all.ImportFromPem(Encoding.UTF8.GetString(text));
            return all.Count == 0 ? (null, "there is no certificate in it. Give ca.pem of cert-generator.")
                : all.FirstOrDefault(one => !IsAuthority(one)) is { } other
                ? (null, $"'{other.Subject}' is no authority that signed its own certificate with a present key. Give ca.pem of cert-generator, and nothing beside it.")
                : (new ClientAuthorities(all), null);
        }
        catch (CryptographicException problem)
        {
            return (null, $"it holds no readable certificates: {problem.Message}");
        }
    }

    /// <summary>Why a certificate is not from one of these, or not valid at that time; null if it is. Nothing is fetched, whatever addresses stand in it.</summary>
    public string? FindProblem(X509Certificate2 certificate, DateTimeOffset now)
    {
        using var chain = new X509Chain { ChainPolicy = Policy(now) };
        var holds = chain.Build(certificate);
        return !holds ? string.Join(", ", chain.ChainStatus.Select(status => status.Status).Distinct())
            : chain.ChainElements.Count != Links ? "no authority of ours signed it"
            : null;
    }

    /// <summary>Whether one of these signed it, for whatever and whenever: then its holder is known.</summary>
    public bool Signed(X509Certificate2 certificate, DateTimeOffset now)
    {
        using var chain = new X509Chain { ChainPolicy = Policy(now) };
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid | X509VerificationFlags.IgnoreWrongUsage;
        return chain.Build(certificate) && chain.ChainElements.Count == Links;
    }

    public X509ChainPolicy Policy(DateTimeOffset now)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck, // by a list of our own
            DisableCertificateDownloads = true,
            VerificationTime = now.UtcDateTime,
            VerificationTimeIgnored = false,
            ApplicationPolicy = { new Oid(ClientPurpose) },
        };
        policy.CustomTrustStore.AddRange(_all);
        return policy;
    }

    private static bool IsAuthority(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
        && certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority)
        && ClientCertificateForm.IsStrong(certificate.PublicKey);
}
