using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Provisioner.Server.Access;

namespace Provisioner.Server.Tls;

/// <summary>What must stand in a client's certificate, whoever signed it: made for clients, no authority, a present key and signature, and one name of ours.</summary>
internal static class ClientCertificateForm
{
    private const string AlternativeName = "2.5.29.17";
    private const string ClientPurpose = "1.3.6.1.5.5.7.3.2";
    private const int UriTag = 6;

    // RSA with PKCS #1 and ECDSA, each with SHA-256, 384 or 512. What is not listed (SHA-1, MD5, and what names its hash somewhere else) does not count.
    private static readonly string[] Signatures =
    [
        "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.2", "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4",
    ];

    private static readonly string[] Curves = ["1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35"]; // P-256, P-384, P-521

    /// <summary>The client's name, or what is wrong: words of ours, never of the certificate.</summary>
    /// <exception cref="CryptographicException">It cannot be read.</exception>
    /// <exception cref="AsnContentException">The same.</exception>
    public static (string? Name, string Problem) Read(X509Certificate2 certificate) =>
        FindProblem(certificate) is { } problem ? (null, problem)
        : ReadName(certificate) is { } name ? (name, "")
        : (null, $"its alternative name is not exactly one, a URI {ClientName.UriPrefix}NAME; make it with 'cert-generator client NAME'");

    public static bool IsStrong(PublicKey key)
    {
        using var rsa = key.GetRSAPublicKey();
        using var elliptic = key.GetECDsaPublicKey();
        return rsa is { KeySize: >= 2048 and <= 8192 }
            || elliptic?.ExportParameters(includePrivateParameters: false).Curve is { IsNamed: true } curve && Curves.Contains(curve.Oid.Value);
    }

    private static string? FindProblem(X509Certificate2 certificate) =>
        certificate.Extensions.GroupBy(extension => extension.Oid?.Value).Any(same => same.Count() > 1) ? "an extension stands twice in it"
        : certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(constraints => constraints.CertificateAuthority) ? "it is an authority's, and no client's"
        : !certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().Any(usage => usage.EnhancedKeyUsages[ClientPurpose] is not null) ? "it is not made for clients (extended key usage clientAuth)"
        : certificate.Extensions.OfType<X509KeyUsageExtension>().Any(usage => !usage.KeyUsages.HasFlag(X509KeyUsageFlags.DigitalSignature)) ? "its key is not made for signing"
        : !Signatures.Contains(certificate.SignatureAlgorithm.Value) ? "its signature is not RSA or ECDSA with SHA-256 or longer"
        : !IsStrong(certificate.PublicKey) ? "its key is not RSA with 2048 to 8192 bits, nor on P-256, P-384 or P-521"
        : null;

    /// <summary>Null unless it has one alternative name and that is ours.</summary>
    private static string? ReadName(X509Certificate2 certificate)
    {
        if (certificate.Extensions.FirstOrDefault(extension => extension.Oid?.Value == AlternativeName) is not { } names)
        {
            return null;
        }

        var reader = new AsnReader(names.RawData, AsnEncodingRules.DER);
        var list = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        var tag = new Asn1Tag(TagClass.ContextSpecific, UriTag);
        if (!list.HasData || list.PeekTag() != tag)
        {
            return null;
        }

        var uri = list.ReadCharacterString(UniversalTagNumber.IA5String, tag);
        return !list.HasData && uri.StartsWith(ClientName.UriPrefix, StringComparison.Ordinal) && uri[ClientName.UriPrefix.Length..] is var name && ClientName.IsValid(name) ? name : null;
    }
}
