using System.Collections;
using System.Security.Cryptography;
using Provisioner.Certificates;
using Provisioner.Server.Configuration;
using Provisioner.Tests.Architecture;

namespace Provisioner.Tests.Docs;

/// <summary>configuration.md names every key with its default, and the examples are ones that the server takes.</summary>
public sealed class ConfigurationPageTests
{
    private const string Folder = "/etc/virtualbox-provisioner/";

    private static readonly string[] DependOnMachine = ["vms.maxCpus", "virtualBox.secretFolder"];

    private static readonly Dictionary<string, string> Known = ConfigurationKeys.All();

    private static readonly Dictionary<string, string> Written =
        Page.Read("docs/reference/configuration.md").Rows().Where(row => row.Length == 4).ToDictionary(row => row[0], row => row[2]);

    [Fact]
    public void The_page_has_all_keys_and_no_others() => Assert.Equal(Known.Keys.Order(), Written.Keys.Order());

    [Fact]
    public void Each_default_is_the_true_one() => HouseRuleTests.AssertNone(
        from key in Known
        where !DependOnMachine.Contains(key.Key) && Written.TryGetValue(key.Key, out var written) && !string.Equals(written, key.Value, StringComparison.OrdinalIgnoreCase)
        select $"{key.Key}: {Written[key.Key]}, and it is {key.Value}");

    [Theory]
    [InlineData("INSTALL.md")]
    [InlineData("docs/reference/configuration.md")]
    [InlineData("docs/how-to/github-credential.md")]
    [InlineData("docs/how-to/workflows-of-the-old-action.md")]
    [InlineData("docs/how-to/usb-device.md")]
    [InlineData("docs/how-to/gpu.md")]
    [InlineData("docs/how-to/sgx.md")]
    public void The_server_takes_the_examples(string page)
    {
        var examples = Page.Read(page).Blocks("jsonc").ToList();

        Assert.NotEmpty(examples);
        Assert.All(examples, example => Assert.Empty(Errors(example)));
    }

    private static IReadOnlyList<string> Errors(string example)
    {
        var folder = Directory.CreateTempSubdirectory("vbdp-docs");
        try
        {
            var file = Path.Combine(folder.FullName, "server.json");
            File.WriteAllText(file, example.Replace(Folder, folder.FullName + "/", StringComparison.Ordinal));
            // Only that they exist is looked at here; what is in them is read when the server starts.
            foreach (var name in new[] { "cert.pem", "key.pem", "github-token", "store-password" })
            {
                File.WriteAllText(Path.Combine(folder.FullName, name), "x");
            }

            using var app = RSA.Create(2048);
            File.WriteAllText(Path.Combine(folder.FullName, "github-app.pem"), app.ExportRSAPrivateKeyPem());

            File.WriteAllText(Path.Combine(folder.FullName, "ca.pem"), CertificateAuthority.Create("", TimeProvider.System.GetUtcNow()).Certificate.ExportCertificatePem());
            File.WriteAllText(Path.Combine(folder.FullName, "revoked.txt"), "# none\n");

            return ConfigurationReader.Read(file, new Hashtable(), Certificate(folder.FullName)).Errors;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Examples of one section leave the certificate out.</summary>
    private static Dictionary<string, string> Certificate(string folder) => new()
    {
        ["certFile"] = Path.Combine(folder, "cert.pem"),
        ["keyFile"] = Path.Combine(folder, "key.pem"),
    };
}
