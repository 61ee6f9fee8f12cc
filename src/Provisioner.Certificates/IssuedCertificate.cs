using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Certificates;

/// <summary>A certificate and its private key in PKCS#8 PEM. The key is never shown by <see cref="ToString"/>.</summary>
public sealed record IssuedCertificate(X509Certificate2 Certificate, string KeyPem) : IDisposable
{
    /// <summary>The certificate and the authority that signed it: what a server or client presents.</summary>
    public string ToChainPem(CertificateAuthority authority) =>
        $"{Certificate.ExportCertificatePem()}\n{authority.Certificate.ExportCertificatePem()}\n";

    public void Dispose() => Certificate.Dispose();

    public override string ToString() => $"IssuedCertificate {{ {Certificate.Subject} }}";
}
