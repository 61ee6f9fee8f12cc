using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using static Provisioner.Certificates.CertificateFolder;

namespace Provisioner.Certificates;

/// <summary>
/// <c>renew</c>: a new server's certificate from the authority that clients trust already. The key stays unless a new one is
/// asked for, so that one rename changes everything and certificate and key belong together at any moment.
/// </summary>
internal static class RenewCommand
{
    public static Command Build(SharedOptions options, TimeProvider time)
    {
        Option<bool> newKey = new("--new-key") { Description = "Make a new private key too. Restart the server afterwards." };
        Command command = new("renew", "Renews the server's certificate for the same names (or those of --host), without touching a client.")
        {
            options.Hosts, options.Days, newKey,
        };
        command.SetAction(parsed =>
        {
            var folder = new CertificateFolder(parsed.GetValue(options.Out)!);
            using var authority = folder.LoadAuthority(time.GetUtcNow());
            var names = parsed.GetResult(options.Hosts) is null ? PresentNames(folder) : HostNames.Parse(parsed.GetValue(options.Hosts)!);
            var keyPem = parsed.GetValue(newKey) ? null : PresentKey(folder);
            var validity = Validity.Starting(time.GetUtcNow(), parsed.GetValue(options.Days));
            using var server = authority.IssueServer(names, validity, keyPem);
            Write(folder, authority, server, keyPem is null);
            parsed.InvocationConfiguration.Output.WriteLine($"""
                Renewed {folder.Of(ServerFile)} for {names}, until {server.Certificate.LastDay}.
                {(keyPem is null ? $"Its key is new: restart the server. What was there is kept as {ServerFile}.bak and {ServerKeyFile}.bak." : $"Its key is the same. The old certificate is {ServerFile}.bak.")}
                Clients need nothing new: they trust {AuthorityFile}, until {authority.Certificate.LastDay}.
                """);
            return ExitCodes.Done;
        });
        return command;
    }

    private static HostNames PresentNames(CertificateFolder folder)
    {
        if (!File.Exists(folder.Of(ServerFile)))
        {
            throw new CertificateException($"There is no {ServerFile} in {folder.Path} to take the names from. Say them with --host.");
        }

        using var present = X509Certificate2.CreateFromPem(folder.Read(ServerFile));
        return HostNames.Of(present);
    }

    private static string? PresentKey(CertificateFolder folder) =>
        File.Exists(folder.Of(ServerKeyFile)) ? folder.Read(ServerKeyFile) : null;

    private static void Write(CertificateFolder folder, CertificateAuthority authority, IssuedCertificate server, bool withKey)
    {
        var files = folder.NewFiles();
        if (withKey)
        {
            files.AddPrivate(ServerKeyFile, server.KeyPem);
        }

        files.AddPublic(ServerFile, server.ToChainPem(authority)).Write(replace: true);
    }
}
