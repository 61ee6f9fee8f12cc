using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

[assembly: AssemblyFixture(typeof(Provisioner.EndToEndTests.Stage))]

namespace Provisioner.EndToEndTests;

/// <summary>
/// Everything real but GitHub: the published server and client, certificates of cert-generator, a QEMU with a baked Debian
/// whose guest runs the shipped scripts; and the published GitHub simulator, which the guest reaches and nothing else.
/// </summary>
public sealed class Stage : IAsyncLifetime
{
    public const string RepositoryName = "acme/gpu";
    private const string AppId = "Iv23canary";
    private const string GuestView = "10.0.2.100:8081";

    private NativeProcess? _simulator;
    private NativeProcess? _server;

    public string Folder { get; } = Directory.CreateTempSubdirectory("end-to-end").FullName;

    /// <summary>A token for the tests' own questions; the server has none: it is a GitHub App.</summary>
    public string GitHubToken { get; } = "ghp_" + RandomNumberGenerator.GetHexString(36, lowercase: true);

    /// <summary>The private key of the server's GitHub App.</summary>
    public string AppKeyPem { get; private set; } = "";

    public string ApiToken { get; private set; } = "";

    public string ServerUrl { get; private set; } = "";

    public string MachineFolder => Path.Combine(Folder, "machines");

    public string DataFolder => Path.Combine(Folder, "data");

    public string ServerOutput => _server!.Output;

    public string AuthorityFile => Path.Combine(Folder, "certificates", "ca.pem");

    /// <summary>GitHub as the server sees it; below <c>/_simulator/</c> what no GitHub has.</summary>
    public HttpClient GitHub { get; } = new();

    /// <summary>The server's API with the token of the stage.</summary>
    public HttpClient Api { get; private set; } = new();

    public async ValueTask InitializeAsync()
    {
        await Repository.PublishAsync();
        var image = await Repository.ImageAsync();
        await StartSimulatorAsync();
        await StartServerAsync(image);
    }

    /// <summary>Starts a step of the Action as the runner does: inputs in the environment, files for outputs.</summary>
    internal ActionStep StartAction(IReadOnlyDictionary<string, string> inputs) => ActionStep.Start(this, inputs);

    public async Task<JsonNode> QueueJobAsync(string label, string script)
    {
        using var response = await GitHub.PostAsJsonAsync(
            "/_simulator/jobs", new { repository = RepositoryName, labels = new[] { label }, script, name = "build" }, TestContext.Current.CancellationToken);
        return await ReadAsync(response);
    }

    /// <summary>Waits for a job to end; the simulator holds the answer back until then.</summary>
    public async Task<JsonNode> CompletedJobAsync(long id)
    {
        while (true)
        {
            using var response = await GitHub.GetAsync($"/_simulator/jobs/{id}?wait=completed", TestContext.Current.CancellationToken);
            var job = await ReadAsync(response);
            if ((string?)job["status"] == "completed")
            {
                return job;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_simulator?.DisposeAsync() ?? ValueTask.CompletedTask);
        Api.Dispose();
        GitHub.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private async Task StartSimulatorAsync()
    {
        using var key = RSA.Create(2048);
        AppKeyPem = key.ExportRSAPrivateKeyPem();
        var publicKey = Path.Combine(Folder, "app-public.pem");
        await File.WriteAllTextAsync(publicKey, key.ExportRSAPublicKeyPem());
        _simulator = NativeProcess.Start(
            Repository.Program("github-simulator"),
            ["--port", "0", "--url", $"http://{GuestView}/", "--app-id", AppId, "--app-key", publicKey],
            new Dictionary<string, string> { ["GITHUB_SIMULATOR_TOKENS"] = GitHubToken });
        var line = await _simulator.LineAsync("listens on ", CancellationToken.None);
        GitHub.BaseAddress = new Uri(line.Split(' ')[^1]);
        GitHub.DefaultRequestHeaders.UserAgent.ParseAdd("end-to-end-tests");
    }

    private async Task StartServerAsync(string image)
    {
        var certificates = Path.Combine(Folder, "certificates");
        var made = await NativeProcess.RunAsync(Repository.Program("cert-generator"), ["-host", "localhost,127.0.0.1", "-org", "acme", "--out", certificates]);
        Assert.True(made.ExitCode == 0, made.Output);
        var keyFile = Path.Combine(Folder, "app-key.pem");
        await File.WriteAllTextAsync(keyFile, AppKeyPem);
        var configuration = Path.Combine(Folder, "server.json");
        await File.WriteAllTextAsync(configuration, Configuration(image, certificates, keyFile).ToJsonString());

        var token = await NativeProcess.RunAsync(
            Repository.Program("virtualbox-server"), ["token", "create", "--config", configuration, "--name", "tests", "--repository", RepositoryName]);
        Assert.True(token.ExitCode == 0, token.Output);
        ApiToken = token.Output.Trim();

        _server = NativeProcess.Start(
            Repository.Program("virtualbox-server"), ["--config", configuration], new Dictionary<string, string> { ["VBDP_LOG_LEVEL"] = "Trace" });
        ServerUrl = (await _server.LineAsync("Listening on ", CancellationToken.None)).Split(' ')[^1];
        Api = MakeApiClient(ServerUrl);
        Api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", ApiToken);
    }

    private JsonObject Configuration(string image, string certificates, string keyFile) => new()
    {
        ["host"] = "127.0.0.1",
        ["port"] = 0,
        ["certFile"] = Path.Combine(certificates, "cert.pem"),
        ["keyFile"] = Path.Combine(certificates, "key.pem"),
        ["dataFolder"] = DataFolder,
        ["hypervisor"] = "qemu",
        ["gitHub"] = new JsonObject { ["url"] = GitHub.BaseAddress!.GetLeftPart(UriPartial.Authority), ["appClientId"] = AppId, ["appKeyFile"] = keyFile },
        ["images"] = new JsonObject { ["debian"] = new JsonObject { ["source"] = image, ["cpus"] = 1, ["memory"] = 512 } },
        ["qemu"] = new JsonObject
        {
            ["folder"] = MachineFolder,
            ["network"] = "restricted",
            ["forwards"] = new JsonArray($"{GuestView}=127.0.0.1:{GitHub.BaseAddress.Port}"),
        },
    };

    /// <summary>A client that trusts the stage's authority and has no token.</summary>
    public HttpClient MakeApiClient(string url)
    {
        var authority = X509CertificateLoader.LoadCertificateFromFile(AuthorityFile);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(authority);
        return new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } }) { BaseAddress = new Uri(url) };
    }
}
