using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Certificates;

/// <summary>
/// The private authority of one installation. It signs server and client certificates and no other authorities. Clients trust
/// its certificate, so a server's certificate can be renewed without touching a client.
/// </summary>
public sealed class CertificateAuthority : IDisposable
{
    /// <summary>What stands before a client's name in its certificate: the one alternative name, a URI, by which the server knows it.</summary>
    public const string ClientUriPrefix = "urn:virtualbox-provisioner:client:";

    private const string ServerPurpose = "1.3.6.1.5.5.7.3.1";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";
    private const string OrganizationName = "2.5.4.10";

    private readonly X509Certificate2 certificate;

    private CertificateAuthority(X509Certificate2 certificate) => this.certificate = certificate;

    public X509Certificate2 Certificate => certificate;

    public string KeyPem
    {
        get
        {
            using var key = certificate.GetECDsaPrivateKey()!;
            return key.ExportPkcs8PrivateKeyPem() + '\n';
        }
    }

    public string Organization => certificate.SubjectName.EnumerateRelativeDistinguishedNames()
        .FirstOrDefault(part => !part.HasMultipleElements && part.GetSingleElementType().Value == OrganizationName)
        ?.GetSingleElementValue() ?? "";

    private Validity Validity => new(certificate.NotBefore, certificate.NotAfter);

    /// <summary>Makes a new authority. Without an organization its name is only what it is.</summary>
    public static CertificateAuthority Create(string organization, DateTimeOffset now)
    {
        var name = Name($"{organization} VirtualBox Provisioner CA".Trim(), organization);
        var validity = Validity.Starting(now, Validity.AuthorityDays);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority(pathLengthConstraint: 0));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return new CertificateAuthority(request.CreateSelfSigned(validity.From, validity.Until));
    }

    /// <summary>Loads an authority that was made before.</summary>
    /// <exception cref="CertificateException">The two do not belong together, or are no authority.</exception>
    public static CertificateAuthority Load(string certificatePem, string keyPem)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
            return certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority)
                ? new CertificateAuthority(certificate)
                : throw new CertificateException("ca.pem is not the certificate of an authority. Put the right file back.");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new CertificateException($"ca.pem and ca-key.pem cannot be read or do not belong together ({e.Message}). Put the right files back.", e);
        }
    }

    /// <summary>Signs a server's certificate for a new key, or for <paramref name="existingKeyPem"/>.</summary>
    public IssuedCertificate IssueServer(HostNames names, Validity validity, string? existingKeyPem = null) =>
        Issue(Name(names.All[0].Text, Organization), ServerPurpose, validity, names.ToExtension(), existingKeyPem);

    /// <summary>Signs a client's certificate, which the server knows by the name in its URI.</summary>
    public IssuedCertificate IssueClient(string name, Validity validity)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri($"{ClientUriPrefix}{name}"));
        return Issue(Name(name, Organization), ClientPurpose, validity, names.Build(), existingKeyPem: null);
    }

    public void Dispose() => certificate.Dispose();

    private IssuedCertificate Issue(X500DistinguishedName subject, string purpose, Validity validity, X509Extension names, string? existingKeyPem)
    {
        using var key = existingKeyPem is null ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : ReadKey(existingKeyPem);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForEndEntity(critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(purpose)], critical: false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(certificate, true, false));
        request.CertificateExtensions.Add(names);
        var (from, until) = validity.Within(Validity);
        var serial = RandomNumberGenerator.GetBytes(16);
        return new IssuedCertificate(request.Create(certificate, from, until, serial), key.ExportPkcs8PrivateKeyPem() + '\n');
    }

    private static ECDsa ReadKey(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new CertificateException("key.pem cannot be read as an elliptic-curve key. Say --new-key to make a new one.", e);
        }
    }

    // X.520 allows 64 characters in either; the names that count are the alternative ones.
    private static X500DistinguishedName Name(string common, string organization)
    {
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(common.Length <= 64 ? common : common[..64]);
        if (organization.Length > 0)
        {
            name.AddOrganizationName(organization);
        }

        return name.Build();
    }
}
