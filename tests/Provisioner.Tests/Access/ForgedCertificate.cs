using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Tests.Access;

/// <summary>A certificate with its key, and what its holder sends along with it.</summary>
internal sealed record ForgedCertificate(string Kind, X509Certificate2 Certificate, IReadOnlyList<X509Certificate2> Sent)
{
    public static X509Certificate2 WithKey(X509Certificate2 certificate, AsymmetricAlgorithm key) =>
        key is RSA rsa ? certificate.CopyWithPrivateKey(rsa) : certificate.CopyWithPrivateKey((ECDsa)key);

    /// <summary>As arguments of openssl s_client, by files in that folder.</summary>
    public string[] Write(string folder)
    {
        var file = Path.Combine(folder, Guid.NewGuid().ToString("n"));
        File.WriteAllText($"{file}.pem", Certificate.ExportCertificatePem());
        File.WriteAllText($"{file}.key", (Certificate.GetRSAPrivateKey() ?? (AsymmetricAlgorithm)Certificate.GetECDsaPrivateKey()!).ExportPkcs8PrivateKeyPem());
        File.WriteAllLines($"{file}.chain", Sent.Select(one => one.ExportCertificatePem()));
        return Sent.Count == 0 ? ["-cert", $"{file}.pem", "-key", $"{file}.key"] : ["-cert", $"{file}.pem", "-key", $"{file}.key", "-cert_chain", $"{file}.chain"];
    }

    public override string ToString() => Kind;
}
