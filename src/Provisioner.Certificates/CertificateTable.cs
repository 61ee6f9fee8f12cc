using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Provisioner.Certificates;

/// <summary>A certificate as people read it, one line for each thing that matters.</summary>
internal sealed class CertificateTable(X509Certificate2 certificate, DateTimeOffset now)
{
    public override string ToString()
    {
        var table = new StringBuilder();
        Add("Subject", certificate.Subject);
        Add("Issuer", certificate.Subject == certificate.Issuer ? "itself" : certificate.Issuer);
        Add("Names", string.Join(", ", certificate.HostNames.Concat(certificate.Uris).DefaultIfEmpty("none")));
        Add("Role", Role());
        Add("Key usage", KeyUsage());
        Add("Key", Key());
        Add("Valid", $"{certificate.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to {certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC");
        Add("Days left", DaysLeft());
        Add("Serial", certificate.SerialNumber);
        Add("Pin", certificate.Fingerprint);
        return table.ToString();

        // What stands in somebody's certificate must not steer the terminal.
        void Add(string name, string value) =>
            table.Append($"{name,-10} ").AppendLine(string.Concat(value.Select(c => char.IsControl(c) ? '?' : c)));
    }

    private string Role()
    {
        var constraints = certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault();
        var purposes = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>()
            .SelectMany(usage => usage.EnhancedKeyUsages.Cast<Oid>())
            .Select(usage => usage.Value switch
            {
                "1.3.6.1.5.5.7.3.1" => "server",
                "1.3.6.1.5.5.7.3.2" => "client",
                var other => other ?? "",
            });
        var authority = constraints is not { CertificateAuthority: true } ? []
            : constraints.HasPathLengthConstraint ? new[] { $"authority (path length {constraints.PathLengthConstraint})" }
            : ["authority (any path length)"];
        return string.Join(", ", authority.Concat(purposes).DefaultIfEmpty("any"));
    }

    private string KeyUsage() =>
        certificate.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault()?.KeyUsages.ToString() ?? "any";

    private string Key()
    {
        using var elliptic = certificate.GetECDsaPublicKey();
        using var rsa = certificate.GetRSAPublicKey();
        return elliptic is not null ? $"ECDSA {elliptic.KeySize} bits"
            : rsa is not null ? $"RSA {rsa.KeySize} bits"
            : certificate.PublicKey.Oid.FriendlyName ?? "unknown";
    }

    private string DaysLeft() =>
        certificate.NotAfter <= now ? $"none: expired {(now - certificate.NotAfter).Days} days ago"
        : certificate.NotBefore > now ? $"not valid yet, for {(certificate.NotBefore - now).Days} days"
        : $"{(certificate.NotAfter - now).Days}";
}
