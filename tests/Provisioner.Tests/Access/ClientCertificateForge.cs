using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Tests.Access;

/// <summary>An authority for clients that signs whatever a test asks for, also what no tool would.</summary>
internal sealed class ClientCertificateForge : IDisposable
{
    public const string Name = "build-farm";
    public const string Uri = $"urn:virtualbox-provisioner:client:{Name}";

    private const string Client = "1.3.6.1.5.5.7.3.2";
    private const string Server = "1.3.6.1.5.5.7.3.1";
    private const string AnyPurpose = "2.5.29.37.0";

    private readonly RSA _key = RSA.Create(2048);
    private readonly DateTimeOffset _now;

    public ClientCertificateForge(DateTimeOffset now)
    {
        _now = now;
        var request = new CertificateRequest("CN=Clients", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        // Without a limit of the chain's length, as other tools make it: that is no help to long chains here.
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        Authority = request.CreateSelfSigned(now.AddDays(-10), now.AddDays(10));
    }

    public X509Certificate2 Authority { get; }

    public string AuthorityPem => Authority.ExportCertificatePem() + "\n";

    public ForgedCertificate Good() => Make(Draft(), "good");

    public ForgedCertificate GoodRsa() => Make(Draft(RSA.Create(2048)), "good-rsa");

    public ForgedCertificate Named(string name) => Make(Draft(uri: $"urn:virtualbox-provisioner:client:{name}"), name);

    /// <summary>None of these is a client's certificate. Each is good but for one thing.</summary>
    public IEnumerable<ForgedCertificate> Bad(ClientCertificateForge other)
    {
        yield return other.Good() with { Kind = "another authority of the same name" };
        yield return Make(Draft(), "self-signed", selfSigned: true);
        yield return Make(Draft(), "expired", from: -5, until: -0.01);
        yield return Make(Draft(), "not yet valid", from: 0.5, until: 5);
        yield return Make(Draft(purposes: [Server]), "for servers");
        yield return Make(Draft(purposes: [AnyPurpose]), "for any purpose");
        yield return Make(Draft(purposes: []), "for no purpose that is named");
        yield return Make(Draft(authority: true), "an authority as a client");
        yield return new ForgedCertificate("the authority itself", Authority, []);
        yield return Make(Draft(), "revoked");
        yield return Make(Draft(), "signed with SHA-1", sha1: true);
        yield return Make(Draft(uri: null), "without an alternative name");
        yield return Make(Draft(uri: "https://vbox.example.org/build-farm"), "another URI");
        yield return Make(Draft(uri: "urn:virtualbox-provisioner:clients:build-farm"), "nearly our URI");
        yield return Make(Draft(uri: $"{Uri}/../admin"), "a name that is none");
        yield return Make(Draft(dns: "build-farm"), "two alternative names");
        yield return Make(Draft(uri: null, dns: "build-farm"), "a host's name");
        yield return Make(Draft(RSA.Create(1024)), "RSA with 1024 bits");
        yield return Make(Draft(ECDsa.Create(ECCurve.CreateFromFriendlyName("secp224r1"))), "a short curve");
        yield return Make(Draft(usage: X509KeyUsageFlags.KeyEncipherment), "a key that may not sign");
        yield return Chain(1);
        yield return Chain(9);
    }

    public void Dispose()
    {
        Authority.Dispose();
        _key.Dispose();
    }

    /// <summary>Signed by authorities that were signed by ours: all of it holds, but for its length.</summary>
    private ForgedCertificate Chain(int between)
    {
        var (issuer, issuerKey) = (Authority, _key);
        List<X509Certificate2> sent = [];
        for (var number = 1; number <= between; number++)
        {
            var key = RSA.Create(2048);
            var request = new CertificateRequest($"CN=Between {number}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
            (issuer, issuerKey) = (request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForRSA(issuerKey, RSASignaturePadding.Pkcs1), _now.AddDays(-9), _now.AddDays(9), Serial()), key);
            sent.Insert(0, issuer);
        }

        var (draft, own) = Draft();
        var leaf = draft.Create(issuer.SubjectName, X509SignatureGenerator.CreateForRSA(issuerKey, RSASignaturePadding.Pkcs1), _now.AddDays(-5), _now.AddDays(5), Serial());
        return new ForgedCertificate($"a chain of {between + 1}", ForgedCertificate.WithKey(leaf, own), sent);
    }

    public static (CertificateRequest Request, AsymmetricAlgorithm Key) Draft(
        AsymmetricAlgorithm? key = null, string? uri = Uri, string? dns = null, string[]? purposes = null, bool authority = false, X509KeyUsageFlags usage = X509KeyUsageFlags.DigitalSignature)
    {
        key ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = key is RSA rsa
            ? new CertificateRequest($"CN={Name}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={Name}", (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(authority ? X509BasicConstraintsExtension.CreateForCertificateAuthority() : X509BasicConstraintsExtension.CreateForEndEntity());
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        if (purposes is not [])
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. (purposes ?? [Client]).Select(purpose => new Oid(purpose))], critical: false));
        }

        var names = new SubjectAlternativeNameBuilder();
        if (uri is not null)
        {
            names.AddUri(new Uri(uri));
        }

        if (dns is not null)
        {
            names.AddDnsName(dns);
        }

        if (uri is not null || dns is not null)
        {
            request.CertificateExtensions.Add(names.Build());
        }

        return (request, key);
    }

    public ForgedCertificate Make(
        (CertificateRequest Request, AsymmetricAlgorithm Key) draft, string kind, double from = -5, double until = 5, bool selfSigned = false, bool sha1 = false)
    {
        var (request, key) = draft;
        X509SignatureGenerator signer = selfSigned ? X509SignatureGenerator.CreateForECDsa((ECDsa)key)
            : sha1 ? new Sha1Signature(_key)
            : X509SignatureGenerator.CreateForRSA(_key, RSASignaturePadding.Pkcs1);
        var leaf = request.Create(selfSigned ? request.SubjectName : Authority.SubjectName, signer, _now.AddDays(from), _now.AddDays(until), Serial());
        return new ForgedCertificate(kind, ForgedCertificate.WithKey(leaf, key), []);
    }

    private static byte[] Serial()
    {
        var serial = RandomNumberGenerator.GetBytes(16);
        serial[0] |= 0x80; // written with a zero before it
        return serial;
    }

    // .NET signs no certificate with it any more.
    private sealed class Sha1Signature(RSA key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => Convert.FromHexString("300D06092A864886F70D0101050500");

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, HashAlgorithmName.SHA1, RSASignaturePadding.Pkcs1);

        protected override PublicKey BuildPublicKey() => new(key);
    }
}
