using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Provisioner.Contracts;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Programs;

/// <summary>The real server as a process of its own, with simulated machines and without GitHub. It can be killed and started again.</summary>
internal sealed class ServerProgram : IDisposable
{
    private const string Name = "virtualbox-server";
    private static readonly Dictionary<string, string> Quiet = new() { ["VBDP_LOG_LEVEL"] = "Warning" };

    private readonly Dictionary<string, string> _environment;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("server-program-");
    private readonly string _data;
    private readonly X509Certificate2 _certificate;
    private ProductProgram _process = null!;

    private ServerProgram(JsonObject vms, JsonObject simulated, JsonObject? limits, string logLevel, string? policyFile)
    {
        _environment = new() { ["VBDP_LOG_LEVEL"] = logLevel };
        _certificate = RunningServer.MakeCertificate(_folder.FullName);
        _data = MemoryFolder.In(Path.Combine(_folder.FullName, "data"));
        File.WriteAllText(Configuration, new JsonObject
        {
            ["host"] = "127.0.0.1",
            ["certFile"] = Path.Combine(_folder.FullName, "cert.pem"),
            ["keyFile"] = Path.Combine(_folder.FullName, "key.pem"),
            ["dataFolder"] = _data,
            ["hypervisor"] = "simulated",
            ["limits"] = limits ?? new JsonObject { ["requestsPerSecond"] = 100_000, ["burst"] = 100_000, ["callerRequestsPerSecond"] = 100_000, ["callerBurst"] = 100_000 },
            ["vms"] = vms,
            ["simulated"] = simulated,
            ["policyFile"] = policyFile,
        }.ToJsonString());
    }

    public string Token { get; private set; } = "";

    public int Port { get; private set; }

    public HttpClient Http { get; private set; } = null!;

    public string Fingerprint => $"sha256:{_certificate.GetCertHashString(HashAlgorithmName.SHA256)}";

    /// <summary>Bytes on the disk: database and journal.</summary>
    public long DataSize => new DirectoryInfo(_data).EnumerateFiles("provisioner.db*").Sum(file => file.Length);

    /// <summary>Resident memory in KiB.</summary>
    public long Memory => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal),
        CultureInfo.InvariantCulture);

    /// <summary>Open files and sockets.</summary>
    public int Descriptors => Directory.GetFiles($"/proc/{_process.Id}/fd").Length;

    private string Configuration => Path.Combine(_folder.FullName, "server.json");

    public static async Task<ServerProgram> StartAsync(
        JsonObject vms, JsonObject simulated, JsonObject? limits = null, string logLevel = "Warning", string? policyFile = null,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var server = new ServerProgram(vms, simulated, limits, logLevel, policyFile);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            server._environment[name] = value;
        }

        using (var token = ProductProgram.Start(Name, Quiet, "token", "create", "--config", server.Configuration, "--name", "tests", "--repository", "acme/gpu"))
        {
            await token.ExitAsync();
            server.Token = token.Output.Split('\n').Last(line => line.StartsWith("vbdp_", StringComparison.Ordinal)).Trim();
        }

        await server.RunAsync(port: 0);
        server.Http = server.OpenHttp();
        return server;
    }

    /// <summary>Runs a verb of the operator, as a process of its own, while the server runs.</summary>
    public async Task<(int Code, string Output)> OperateAsync(params string[] verb)
    {
        using var program = ProductProgram.Start(Name, Quiet, [.. verb, "--config", Configuration]);
        return (await program.ExitAsync(), program.Output);
    }

    /// <summary>What it has written since it was started, on both its outputs.</summary>
    public string Output => _process.Output;

    /// <summary>Waits until it writes a line with a text in it.</summary>
    public Task<string> LineAsync(string text) => _process.LineAsync(text);

    /// <summary>Where the database is.</summary>
    public string DataFolder => _data;

    /// <summary>Ends it as systemd does. What it has written stays.</summary>
    public async Task StopAsync()
    {
        await _process.SignalAsync("TERM");
        await _process.ExitAsync();
    }

    public async Task KillAsync()
    {
        await _process.SignalAsync("KILL");
        await _process.ExitAsync();
        _process.Dispose();
    }

    /// <summary>Starts it again, at the same address.</summary>
    public Task StartAgainAsync() => RunAsync(Port);

    public async Task CreateAsync(string id)
    {
        using var response = await Http.PostAsJsonAsync("/v1/vms", new CreateVm { Image = "demo", Id = id }, WireJson.Default.CreateVm, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>All events of a VM from its first to its last: the stream ends when it is gone.</summary>
    public Task<string> EventsToTheEndAsync(string id) => Http.GetStringAsync($"/v1/vms/{id}/events", TestContext.Current.CancellationToken);

    public void Dispose()
    {
        Http?.Dispose();
        _process.Dispose();
        _certificate.Dispose();
        Directory.Delete(_data, recursive: true);
        _folder.Delete(recursive: true);
    }

    private async Task RunAsync(int port)
    {
        _process = ProductProgram.Start(Name, _environment, "--config", Configuration, "--port", $"{port}");
        Port = new Uri((await _process.LineAsync("Listening on ")).Split(' ')[^1]).Port;
    }

    /// <summary>A client with the server's first token and connections of its own.</summary>
    /// <param name="connected">Told of each connection.</param>
    public HttpClient OpenHttp(Action? connected = null)
    {
        var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (target, stop) =>
            {
                connected?.Invoke();
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(target.DnsEndPoint, stop);
                return new NetworkStream(socket, ownsSocket: true);
            },
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown?.GetCertHashString() == _certificate.GetCertHashString() },
        })
        { BaseAddress = new Uri($"https://localhost:{Port}"), Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        return http;
    }
}
