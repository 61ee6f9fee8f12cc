using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Certificates;

public static class CertificateFacts
{
    extension(X509Certificate2 certificate)
    {
        /// <summary>The SHA-256 of a certificate as OpenSSL writes it: <c>AB:CD:…</c>.</summary>
        public string Sha256Fingerprint =>
            string.Join(':', SHA256.HashData(certificate.RawData).Select(part => part.ToString("X2", CultureInfo.InvariantCulture)));

        /// <summary>The last day of its validity, in UTC.</summary>
        public string LastDay => certificate.NotAfter.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        /// <summary>The DNS names and addresses that it is for.</summary>
        public IReadOnlyList<string> HostNames
        {
            get
            {
                var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().ToList();
                return
                [
                    .. names.SelectMany(name => name.EnumerateDnsNames()),
                    .. names.SelectMany(name => name.EnumerateIPAddresses()).Select(address => address.ToString()),
                ];
            }
        }
    }
}
