using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Certificates;

public static class CertificateFacts
{
    extension(X509Certificate2 certificate)
    {
        /// <summary>As the client's input <c>server-fingerprint</c> takes it: <c>sha256:</c> and hexadecimal digits.</summary>
        public string Fingerprint => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(certificate.RawData))}";

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
