using System.CommandLine;
using static Provisioner.Certificates.CertificateFolder;

namespace Provisioner.Certificates;

/// <summary>Without a verb: a new authority and a server's certificate, in one go and complete or not at all.</summary>
internal static class GenerateCommand
{
    public static void AddTo(RootCommand root, SharedOptions options, TimeProvider time)
    {
        root.Add(options.Hosts);
        root.Add(options.Organization);
        root.Add(options.Days);
        root.Add(options.Force);
        root.Validators.Add(result =>
        {
            // Only when no verb is given: this runs for the verbs as well.
            if (result.GetResult(options.Hosts) is null && !result.Children.Any(child => child is System.CommandLine.Parsing.CommandResult))
            {
                result.AddError($"Say by which names clients reach the server, for example: --host {Environment.MachineName.ToLowerInvariant()},10.0.0.5");
            }
        });
        root.SetAction(parsed =>
        {
            var names = HostNames.Parse(parsed.GetValue(options.Hosts)!);
            var folder = new CertificateFolder(parsed.GetValue(options.Out)!);
            var validity = Validity.Starting(time.GetUtcNow(), parsed.GetValue(options.Days));
            using var authority = CertificateAuthority.Create(parsed.GetValue(options.Organization)!, time.GetUtcNow());
            using var server = authority.IssueServer(names, validity);
            Write(folder, authority, server, parsed.GetValue(options.Force));
            Describe(folder, authority, server, names, parsed.InvocationConfiguration.Output);
            return ExitCodes.Done;
        });
    }

    private static void Write(CertificateFolder folder, CertificateAuthority authority, IssuedCertificate server, bool force)
    {
        var authorityPem = authority.Certificate.ExportCertificatePem() + '\n';
        var files = folder.NewFiles()
            .AddPrivate(AuthorityKeyFile, authority.KeyPem)
            .AddPublic(AuthorityFile, authorityPem)
            .AddPrivate(ServerKeyFile, server.KeyPem)
            .AddPublic(ServerFile, server.ToChainPem(authority));
        if (!force && files.Existing is { Count: > 0 } existing)
        {
            throw new CertificateException(
                $"These files exist and are not replaced: {string.Join(", ", existing)}. To renew the server's certificate say "
                + "'cert-generator renew'; to make a new authority that no client trusts yet, say --force.");
        }

        files.Write(force);
    }

    private static void Describe(
        CertificateFolder folder, CertificateAuthority authority, IssuedCertificate server, HostNames names, TextWriter output)
    {
        output.WriteLine($"""
            Made in {folder.Path}:

              {AuthorityFile,-10}  until {authority.Certificate.LastDay}  clients trust it: the workflow's input 'ca-cert' or 'cert'
              {AuthorityKeyFile,-10}  private           keep it safe, best not on the host: 'renew' and 'client' need it
              {ServerFile,-10}  until {server.Certificate.LastDay}  virtualbox-server --cert-file {ServerFile}
              {ServerKeyFile,-10}  private           virtualbox-server --key-file {ServerKeyFile}

            Clients reach the server as:  {names}
            To pin the server instead of trusting the authority: {server.Certificate.Fingerprint}

            Next: store {AuthorityFile} as a secret of the workflow's repository:  gh secret set CERT < {folder.Of(AuthorityFile)}
            Renew before {server.Certificate.LastDay}, without touching a client:  cert-generator renew --out {folder.Path}
            """);
    }
}
