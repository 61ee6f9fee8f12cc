using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Provisioner.CrashMatrix;

/// <summary>What all servers of a matrix have alike: certificate, API token, and a database that knows it.</summary>
internal sealed record Template(string Folder, string ServerProgram, string GitHubUrl, string Token)
{
    public const string GitHubToken = "ghp_canary0000000000000000000000000000000";
    private const string Name = "matrix";

    /// <summary>How the server calls the token's holder; the second word of a token is its id.</summary>
    public string Caller => $"token:{Token.Split('_')[1]} ({Name})";

    public string Database => Path.Combine(Folder, "data", "provisioner.db");

    public string CertificateHash { get; private init; } = "";

    public static async Task<Template> MakeAsync(string folder, string server, Uri gitHub)
    {
        Directory.CreateDirectory(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=matrix", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddMinutes(-5), now.AddDays(2));
        await File.WriteAllTextAsync(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        var bare = new Template(folder, server, gitHub.GetLeftPart(UriPartial.Authority), "") { CertificateHash = certificate.GetCertHashString() };
        var configuration = Path.Combine(folder, "server.json");
        await File.WriteAllTextAsync(configuration, bare.Configure(Path.Combine(folder, "data")).ToJsonString());
        return bare with { Token = await MakeTokenAsync(server, configuration) };
    }

    public JsonObject Configure(string data) => new()
    {
        ["host"] = "127.0.0.1",
        ["port"] = 0,
        ["certFile"] = Path.Combine(Folder, "cert.pem"),
        ["keyFile"] = Path.Combine(Folder, "key.pem"),
        ["dataFolder"] = data,
        ["hypervisor"] = "simulated",
        ["gitHub"] = new JsonObject { ["url"] = GitHubUrl, ["token"] = GitHubToken },
        ["images"] = new JsonObject { ["base"] = new JsonObject { ["source"] = "base" } },
        ["vms"] = new JsonObject { ["reviewPeriod"] = "00:00:01", ["stopGrace"] = "00:00:00.2", ["maxRunning"] = 8 },
        ["limits"] = new JsonObject { ["requestsPerSecond"] = 100_000, ["burst"] = 100_000, ["callerRequestsPerSecond"] = 100_000, ["callerBurst"] = 100_000 },
    };

    private static async Task<string> MakeTokenAsync(string server, string configuration)
    {
        var start = new ProcessStartInfo(server, ["token", "create", "--config", configuration, "--name", Name, "--repository", "acme/*"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var token = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? token.Trim() : throw new InvalidOperationException($"{server} made no token.");
    }
}
