using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Contracts;
using Provisioner.GitHubSimulator;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Access;
using Provisioner.Server.Commands;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Tests.Server;

/// <summary>The real server over real TLS with its real store, on a simulated hypervisor, with a simulated GitHub beside it.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    public const string GitHubToken = "ghp_canary0000000000000000000000000000000";

    // What the server logs belongs to its operator, not to the output of tests.
    static RunningServer() => Environment.SetEnvironmentVariable("VBDP_LOG_LEVEL", "None");

    private readonly string _folder;
    private readonly ServerOptions _options;
    private readonly X509Certificate2 _certificate;
    private WebApplication _app;

    private RunningServer(string folder, ServerOptions options, WebApplication app, Simulator gitHub, X509Certificate2 certificate)
    {
        (_folder, _options, _app, GitHub, _certificate) = (folder, options, app, gitHub, certificate);
        var tokens = app.Services.GetRequiredService<TokenTable>();
        Token = ApiToken.Create();
        tokens.Add(Token, "tests", new Grant(["acme/gpu"]), expiresAt: null);
        Http = Connect();
    }

    public Simulator GitHub { get; }

    public ApiToken Token { get; }

    public HttpClient Http { get; private set; }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Of its certificate, as the client takes it.</summary>
    public string Fingerprint => $"sha256:{_certificate.GetCertHashString(HashAlgorithmName.SHA256)}";

    public IServiceProvider Services => _app.Services;

    /// <summary>The whole configuration, with the port that it took.</summary>
    public ServerOptions Options => _options with { Port = Address.Port };

    public SimulatedHypervisor Hypervisor => (SimulatedHypervisor)_app.Services.GetRequiredService<IHypervisor>();

    /// <summary>Fires when the server stops by itself.</summary>
    public CancellationToken Stopping => _app.Lifetime.ApplicationStopping;

    public VmTable Vms => _app.Services.GetRequiredService<VmTable>();

    public static async Task<RunningServer> StartAsync(Action<ServerOptions>? configure = null, TimeProvider? time = null)
    {
        var folder = Directory.CreateTempSubdirectory("server").FullName;
        var gitHub = await Simulator.StartAsync(new SimulatorOptions { Tokens = [GitHubToken] }, TimeProvider.System, CancellationToken.None);
        var certificate = MakeCertificate(folder);
        var options = new ServerOptions
        {
            Host = "127.0.0.1",
            Port = 0,
            CertFile = Path.Combine(folder, "cert.pem"),
            KeyFile = Path.Combine(folder, "key.pem"),
            DataFolder = Path.Combine(folder, "data"),
            Hypervisor = HypervisorKind.Simulated,
            GitHub = new GitHubOptions { Url = gitHub.Url.GetLeftPart(UriPartial.Authority), Token = GitHubToken },
            Images = new() { ["debian-12"] = new ImageOptions { Source = "base" } },
            Simulated = SimulatedOptions.Instant,
        };
        configure?.Invoke(options);
        var app = RunCommand.Build(options, time ?? TimeProvider.System, _ => { });
        await app.StartAsync();
        return new RunningServer(folder, options, app, gitHub, certificate);
    }

    /// <summary>Stops the server. Its machines live on, as real ones do; the next server finds them.</summary>
    public async Task<SimulatedHost> StopAsync()
    {
        var host = Hypervisor.Host;
        await _app.StopAsync(TestContext.Current.CancellationToken);
        await _app.DisposeAsync();
        return host;
    }

    /// <summary>Stops the server, and gives it no longer than that to end what it does.</summary>
    public async Task StopAsync(TimeSpan atMost)
    {
        using var patience = new CancellationTokenSource(atMost);
        await _app.StopAsync(patience.Token);
    }

    /// <summary>Starts a server where one was stopped: the same files, the same machines, the same GitHub.</summary>
    public async Task StartAgainAsync(SimulatedHost host)
    {
        _app = RunCommand.Build(_options, TimeProvider.System, services => services.AddSingleton<IHypervisor>(
            new SimulatedHypervisor(_options.Simulated, TimeProvider.System, NullLogger<SimulatedHypervisor>.Instance, host)));
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Http.Dispose();
        Http = Connect();
    }

    /// <summary>From now on calls are made with a token for these repositories.</summary>
    public void Cover(params IEnumerable<string> repositories)
    {
        var token = ApiToken.Create();
        _app.Services.GetRequiredService<TokenTable>().Add(token, "tests", new Grant([.. repositories]), expiresAt: null);
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Text);
    }

    public Task<HttpResponseMessage> CreateAsync(string json) =>
        Http.PostAsync("/v1/vms", new StringContent(json, mediaType: new MediaTypeHeaderValue("application/json")), TestContext.Current.CancellationToken);

    public async Task<VmView> CreateVmAsync(string id)
    {
        using var response = await CreateAsync($$"""{"image": "debian-12", "id": "{{id}}"}""");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync(WireJson.Default.VmView, TestContext.Current.CancellationToken))!;
    }

    /// <summary>Follows a VM until an event fits, and returns all events so far.</summary>
    public async Task<IReadOnlyList<VmEvent>> FollowAsync(string id, Func<VmEvent, bool> until)
    {
        await using var stream = await Http.GetStreamAsync($"/v1/vms/{id}/events", TestContext.Current.CancellationToken);
        var events = new List<VmEvent>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken))
        {
            events.Add(JsonSerializer.Deserialize(item.Data, WireJson.Default.VmEvent)!);
            if (until(events[^1]))
            {
                return events;
            }
        }

        throw new InvalidOperationException($"The stream of {id} ended before the awaited event: {string.Join(" / ", events.Select(change => change.Message))}");
    }

    public Task<IReadOnlyList<VmEvent>> UntilGoneAsync(string id) => FollowAsync(id, change => change.Phase == VmPhase.Gone);

    /// <summary>Nothing that a VM consists of exists: no machine, no registration.</summary>
    public async Task AssertNothingLeftAsync()
    {
        Assert.Empty(await Hypervisor.ListAsync(TestContext.Current.CancellationToken));
        Assert.Empty(GitHub.Board.Runners("acme/gpu"));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await GitHub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Another connection, of the holder of another token, or of none.</summary>
    public HttpClient Connect(string? token)
    {
        var http = Connect();
        http.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return http;
    }

    private HttpClient Connect()
    {
        var http = new HttpClient(new DescribedAnswers(new SocketsHttpHandler
        {
            SslOptions = { RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == _certificate.GetCertHashString() },
        }))
        { BaseAddress = Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token.Text);
        return http;
    }

    internal static X509Certificate2 MakeCertificate(string folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        var certificate = new CertificateRequest("CN=tests", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddMinutes(-5), now.AddDays(1));
        File.WriteAllText(Path.Combine(folder, "cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        File.SetUnixFileMode(Path.Combine(folder, "key.pem"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return certificate;
    }
}
