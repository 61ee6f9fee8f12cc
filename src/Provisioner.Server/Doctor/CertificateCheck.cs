using System.Security.Cryptography.X509Certificates;
using Provisioner.Server.Configuration;
using Provisioner.Server.Tls;

namespace Provisioner.Server.Doctor;

/// <summary>Whether clients will take the server's certificate: how long it lasts, and whether it has the name that workflows use.</summary>
internal static class CertificateCheck
{
    private const string Name = "certificate";
    private const string Page = "docs/how-to/certificates.md";
    private const string Renew = "cert-generator renew";
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    public static Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options, TimeProvider time) => Task.FromResult(Look(options, time.GetUtcNow().UtcDateTime));

    private static IReadOnlyList<Finding> Look(ServerOptions options, DateTime now)
    {
        X509Certificate2 leaf;
        try
        {
            leaf = Listener.Load(options).Leaf;
        }
        catch (CertificateException problem)
        {
            return [Finding.Fail(Name, problem.Message, "cert-generator --help", Page)];
        }

        using (leaf)
        {
            var (starts, ends) = (leaf.NotBefore.ToUniversalTime(), leaf.NotAfter.ToUniversalTime());
            return
            [
                ends < now ? Finding.Fail(Name, $"It expired on {ends:u}.", Renew, Page)
                    : starts > now ? Finding.Fail(Name, $"It is valid from {starts:u} only.", "See the clock of this host: timedatectl", Page)
                    : ends - now < Soon ? Finding.Warn(Name, $"It expires on {ends:u}, in {(ends - now).Days} days.", Renew, Page)
                    : Finding.Ok(Name, $"For {string.Join(", ", Names(leaf))}, until {ends:u}"),
                .. Key(options.KeyFile),
                .. Audience(options.Oidc, leaf),
            ];
        }
    }

    private static IEnumerable<Finding> Key(string file)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
        {
            yield return Finding.Fail("key", $"Everybody on this host can read {file}.", $"chmod 600 {file}", Page);
        }
    }

    // The audience is the address that workflows use, where it is one at all.
    private static IEnumerable<Finding> Audience(OidcOptions oidc, X509Certificate2 leaf)
    {
        if (oidc.IsOn && Uri.TryCreate(oidc.Audience, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps && !leaf.MatchesHostname(address.IdnHost))
        {
            yield return Finding.Warn(
                "name", $"Workflows speak to {address.IdnHost} (oidc.audience), which is not in the certificate: it has {string.Join(", ", Names(leaf))}.",
                $"cert-generator renew, with --host {address.IdnHost}", Page);
        }
    }

    private static List<string> Names(X509Certificate2 leaf) => leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names
        ? [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(address => address.ToString())]
        : ["no name at all"];
}
