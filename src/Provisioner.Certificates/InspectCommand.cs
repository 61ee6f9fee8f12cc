using System.CommandLine;
using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Certificates;

/// <summary><c>inspect FILE</c>: what stands in a certificate, and by the exit code whether it is time to renew it.</summary>
internal static class InspectCommand
{
    public static Command Build(TimeProvider time)
    {
        Argument<string> file = new("FILE") { Description = "A PEM file with one certificate or more." };
        Option<int> within = new("--within")
        {
            Description = "Exit with 1 also if a certificate expires within so many days.",
            HelpName = "DAYS",
            DefaultValueFactory = _ => 0,
        };
        Command command = new("inspect", "Shows what stands in a certificate. Exits with 1 if one in the file is not valid now.") { file, within };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var now = time.GetUtcNow();
            var isFirst = true;
            var allValid = true;
            foreach (var certificate in Load(parsed.GetValue(file)!))
            {
                using (certificate)
                {
                    output.Write(isFirst ? "" : Environment.NewLine);
                    output.Write(new CertificateTable(certificate, now));
                    allValid &= certificate.NotBefore <= now && certificate.NotAfter > now.AddDays(parsed.GetValue(within));
                    isFirst = false;
                }
            }

            return allValid ? ExitCodes.Done : ExitCodes.Failed;
        });
        return command;
    }

    private static X509Certificate2Collection Load(string file)
    {
        X509Certificate2Collection certificates = [];
        certificates.ImportFromPem(File.ReadAllText(file));
        return certificates.Count > 0
            ? certificates
            : throw new CertificateException($"There is no certificate in {file}. It should have a line -----BEGIN CERTIFICATE-----.");
    }
}
