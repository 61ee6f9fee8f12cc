using System.CommandLine;

namespace Provisioner.Certificates;

/// <summary><c>client NAME</c>: a certificate by which a client shows the server who it is.</summary>
internal static class ClientCommand
{
    public static Command Build(SharedOptions options, TimeProvider time)
    {
        Argument<string> name = new("NAME") { Description = "The client's name: letters, digits, dots, dashes and underscores." };
        name.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !IsName(token.Value))
            {
                result.AddError("A client's name is 1 to 60 letters, digits, dots, dashes and underscores, and begins with a letter or digit.");
            }
        });
        Command command = new("client", "Makes a client's certificate, signed by the authority: NAME.pem and NAME-key.pem.") { name, options.Days, options.Force };
        command.SetAction(parsed =>
        {
            var folder = new CertificateFolder(parsed.GetValue(options.Out)!);
            using var authority = folder.LoadAuthority(time.GetUtcNow());
            var validity = Validity.Starting(time.GetUtcNow(), parsed.GetValue(options.Days));
            using var client = authority.IssueClient(parsed.GetValue(name)!, validity);
            Write(folder, parsed.GetValue(name)!, authority, client, parsed.GetValue(options.Force));
            parsed.InvocationConfiguration.Output.WriteLine($"""
                Made in {folder.Path}, valid until {client.Certificate.LastDay}:

                  {parsed.GetValue(name)}.pem      certificate of the client
                  {parsed.GetValue(name)}-key.pem  private key of the client: give it to this client only

                The server knows it as {parsed.GetValue(name)}: a rule of the policy must name it ("who": {"{"} "certificate": "{parsed.GetValue(name)}" {"}"}).
                To revoke it, add its serial number to the file of clientCertificates.revokedFile:  {client.Certificate.SerialNumber}
                """);
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Write(CertificateFolder folder, string name, CertificateAuthority authority, IssuedCertificate client, bool force)
    {
        var files = folder.NewFiles()
            .AddPrivate($"{name}-key.pem", client.KeyPem)
            .AddPublic($"{name}.pem", client.ToChainPem(authority));
        if (!force && files.Existing is { Count: > 0 } existing)
        {
            throw new CertificateException($"These files exist and are not replaced: {string.Join(", ", existing)}. Say --force to replace them.");
        }

        files.Write(force);
    }

    // 'ca', 'cert' and 'key' name the files of the authority and the server.
    private static bool IsName(string name) =>
        name.Length is > 0 and <= 60
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
        && name is not ("ca" or "cert" or "key" or "ca-key");
}
