using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Provisioner.RunnerStandIn;

/// <summary>The three files in the runner's root that make it a configured runner.</summary>
internal sealed class RunnerFiles(string root)
{
    private static readonly string[] Names = [".runner", ".credentials", ".credentials_rsaparams"];

    /// <summary>Writes each entry of a just-in-time configuration.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public void Write(string encodedJitConfig)
    {
        var entries = Json.Parse(Convert.FromBase64String(encodedJitConfig)).AsObject();
        foreach (var name in Names)
        {
            WritePrivately(Path.Combine(root, name), Convert.FromBase64String(entries.Text(name)));
        }
    }

    public RunnerSettings ReadSettings()
    {
        var settings = Read(".runner");
        return new RunnerSettings(
            settings.Text("AgentId"), settings.Text("AgentName"), settings.Text("WorkFolder"), new Uri(settings.Text("ServerUrlV2")));
    }

    public OAuthClient ReadClient(HttpClient http, TimeProvider time)
    {
        var data = Read(".credentials")["Data"] ?? throw new FormatException("'Data' is missing.");
        return new OAuthClient(http, time, data.Text("ClientId"), new Uri(data.Text("AuthorizationUrl")), ReadKey())
        {
            Fips = data["RequireFipsCryptography"].Flag(),
        };
    }

    public void Delete()
    {
        foreach (var name in Names)
        {
            File.Delete(Path.Combine(root, name));
        }
    }

    private RSA ReadKey()
    {
        var file = Read(".credentials_rsaparams");
        byte[] Number(string name) => Convert.FromBase64String(file.Text(name));
        return RSA.Create(new RSAParameters
        {
            D = Number("d"),
            DP = Number("dp"),
            DQ = Number("dq"),
            Exponent = Number("exponent"),
            InverseQ = Number("inverseQ"),
            Modulus = Number("modulus"),
            P = Number("p"),
            Q = Number("q"),
        });
    }

    private JsonNode Read(string name) => Json.Parse(File.ReadAllBytes(Path.Combine(root, name)));

    private static void WritePrivately(string path, byte[] content)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }
        using var file = new FileStream(path, options);
        file.Write(content);
    }
}
