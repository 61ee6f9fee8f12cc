using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Provisioner.Contracts;

namespace Provisioner.Benchmarks;

/// <summary>The published server on the host, and the two requests that are measured.</summary>
internal sealed class Server : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly Host host;
    private readonly Process process;
    private readonly HttpClient api;
    private bool disposed;

    private Server(Host host, Process process, TimeSpan listening, string url, ServerFolder folder)
    {
        (this.host, this.process, Listening, Url, Folder) = (host, process, listening, url, folder);
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(folder.Authority));
        api = new HttpClient(new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } }) { BaseAddress = new Uri(url), Timeout = Patience };
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", folder.Token);
    }

    public string Url { get; }

    public ServerFolder Folder { get; }

    /// <summary>From the start of the process to the line that says it listens.</summary>
    public TimeSpan Listening { get; }

    public int ProcessId => process.Id;

    public static async Task<Server> StartAsync(Host host, ServerFolder folder)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$0\" --config \"$1\" 2>>\"$2\"", folder.Program, folder.Configuration, folder.Log])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        var began = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Contains("Listening on ", StringComparison.Ordinal))
            {
                return new Server(host, process, Stopwatch.GetElapsedTime(began), line.Split(' ')[^1], folder);
            }
        }

        throw new InvalidOperationException($"The server did not start: {await File.ReadAllTextAsync(folder.Log)}");
    }

    /// <summary>From the request until the machine has been started: the server says "booting" just before.</summary>
    public async Task<TimeSpan> CreateAsync(string id, string image = Host.SmallImage)
    {
        var began = Stopwatch.GetTimestamp();
        using var response = await api.PostAsJsonAsync("/v1/vms", new CreateVm { Image = image, Id = id }, WireJson.Default.CreateVm);
        await RequireAsync(response, HttpStatusCode.Accepted);
        try
        {
            await host.Starts.WaitAsync("vbdp-" + id);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{id} was not started: {await api.GetStringAsync($"/v1/vms/{id}")}");
        }

        return Stopwatch.GetElapsedTime(began);
    }

    /// <summary>Has the guest say how far it is, and waits until the server has heard it: until its view of the VM has this reason.</summary>
    public async Task SayAsync(string id, string phase, string reason)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        // Of a machine that does not really run only one caller at a time has the properties, and the server reads them.
        while ((await host.TryRunAsync("guestproperty", "set", "vbdp-" + id, "/VBDP/Phase", phase)).Code != 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, patience.Token);
        }

        while (!(await api.GetStringAsync($"/v1/vms/{id}", patience.Token)).Contains(reason, StringComparison.Ordinal))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }
    }

    /// <summary>The guest switches itself off, as it does when its job has ended.</summary>
    public Task EndAsync(string id) => host.TryRunAsync("controlvm", "vbdp-" + id, "poweroff");

    /// <summary>From the request until nothing is left of the VM.</summary>
    public async Task<TimeSpan> DeleteAsync(string id)
    {
        using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
        using var events = await api.GetStreamAsync($"/v1/vms/{id}/events", patience.Token);
        using var reader = new StreamReader(events);
        var began = Stopwatch.GetTimestamp();
        using var response = await api.DeleteAsync($"/v1/vms/{id}", patience.Token);
        await RequireAsync(response, HttpStatusCode.Accepted);
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.Contains("\"phase\":\"gone\"", StringComparison.Ordinal))
            {
                return Stopwatch.GetElapsedTime(began);
            }
        }

        throw new InvalidOperationException($"{id} was never gone: {await api.GetStringAsync($"/v1/vms/{id}")}");
    }

    public async Task<int> CountAsync() => (await api.GetFromJsonAsync<JsonArray>("/v1/vms"))!.Count(vm => (string?)vm!["phase"] != "gone");

    public async ValueTask DisposeAsync()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        api.Dispose();
        _ = Kill(process.Id, 15);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20), TimeProvider.System);
        await process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        process.Kill();
        process.Dispose();
    }

    private static async Task RequireAsync(HttpResponseMessage response, HttpStatusCode wanted)
    {
        if (response.StatusCode != wanted)
        {
            throw new InvalidOperationException($"The server answered {response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
