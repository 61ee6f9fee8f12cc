using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Certificates;

public static class CertificateFacts
{
    private static readonly Asn1Tag Uri = new(TagClass.ContextSpecific, 6);

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

        /// <summary>The URIs that it is for: a client's name is one.</summary>
        public IReadOnlyList<string> Uris =>
            [.. certificate.Extensions.Where(extension => extension.Oid?.Value == "2.5.29.17").SelectMany(extension => ReadUris(extension.RawData))];
    }

    private static List<string> ReadUris(ReadOnlyMemory<byte> names)
    {
        List<string> uris = [];
        var list = new AsnReader(names, AsnEncodingRules.DER).ReadSequence();
        while (list.HasData)
        {
            if (list.PeekTag() == Uri)
            {
                uris.Add(list.ReadCharacterString(UniversalTagNumber.IA5String, Uri));
            }
            else
            {
                list.ReadEncodedValue();
            }
        }

        return uris;
    }
}
