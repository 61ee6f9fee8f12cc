using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>Machines outlive the published server: the next one finds them, and their jobs end as if nothing had been. Ten at once in <c>./test soak</c>.</summary>
public sealed class RestartTests(Stage stage) : IDisposable
{
    private const int Patience = 20 * 60_000;

    // Ten are emulated for minutes: one stands for them where that is not asked for.
    private static readonly int Jobs = Environment.GetEnvironmentVariable("VBDP_SOAK") == "1" ? 10 : 1;

    private readonly string _folder = Directory.CreateTempSubdirectory("end-to-end-restart").FullName;

    [Theory(Timeout = Patience)]
    [InlineData(9)]
    [InlineData(15)]
    public async Task Jobs_outlive_their_server_and_their_events_go_on(int signal)
    {
        var machines = Path.Combine(_folder, "machines");
        var ids = Enumerable.Range(1, Jobs).Select(n => $"run-restart-{n}").ToList();
        await using var first = await SecondServer.StartAsync(stage, _folder, configuration =>
        {
            configuration["qemu"]!["folder"] = machines;
            configuration["vms"] = new JsonObject { ["maxRunning"] = Jobs, ["bootTimeout"] = "00:15:00" };
            configuration["capacity"] = new JsonObject { ["cpus"] = Jobs, ["memory"] = 512 * Jobs };
        });
        var queued = await Task.WhenAll(ids.Select(id => BeginAsync(first, id)));
        var seen = await Task.WhenAll(ids.Select(id => ReadAsync(first, id, lastSeen: null, until: "\"phase\":\"busy\"")));
        var qemu = NativeProcess.Ids($"{machines}/vbdp-run");

        await using var second = await first.RestartAsync(stage, signal);
        var stillRuns = NativeProcess.Ids($"{machines}/vbdp-run");
        var jobs = await Task.WhenAll(queued.Select(stage.CompletedJobAsync));
        var events = await Task.WhenAll(ids.Select((id, n) => ReadAsync(second, id, seen[n].LastSeen, until: "\"phase\":\"gone\"")));

        Assert.True(qemu.Count >= Jobs, $"{qemu.Count} machines ran.");
        Assert.Equal(qemu, stillRuns);
        Assert.All(jobs, job => Assert.Equal("success", (string?)job["conclusion"]));
        Assert.All(jobs, job => Assert.Contains("finished after all", (string?)job["log"]));
        Assert.All(events, one => Assert.DoesNotContain("\"phase\":\"online\"", one.Events, StringComparison.Ordinal));
        Assert.All(events, one => Assert.DoesNotContain("\"failure\":{", one.Events, StringComparison.Ordinal));
        Assert.Empty(NativeProcess.Ids($"{machines}/vbdp-run"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(machines, "vbdp-*"));
        Assert.DoesNotContain("run-restart", await stage.GitHub.GetStringAsync("/_simulator/runners", TestContext.Current.CancellationToken));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Long enough that all are at work when the server ends.
    private async Task<long> BeginAsync(SecondServer server, string id)
    {
        using var created = await server.CreateAsync($$"""{"image": "debian", "id": "{{id}}", "labels": ["{{id}}"]}""");
        Assert.True(created.IsSuccessStatusCode, await created.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (long)(await stage.QueueJobAsync(id, $"sleep {15 + (20 * (Jobs - 1))}; echo finished after all"))["id"]!;
    }

    /// <summary>Reads the stream of events from behind the one last seen; gives the last one's id, and all of them.</summary>
    private static async Task<(string? LastSeen, string Events)> ReadAsync(SecondServer server, string id, string? lastSeen, string until)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/vms/{id}/events");
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (lastSeen is not null)
        {
            request.Headers.Add("Last-Event-ID", lastSeen);
        }

        using var response = await server.Api.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        var events = "";
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            events += line + "\n";
            lastSeen = line.StartsWith("id:", StringComparison.Ordinal) ? line[3..].Trim() : lastSeen;
            if (line.Contains(until, StringComparison.Ordinal))
            {
                return (lastSeen, events);
            }
        }

        throw new InvalidOperationException($"The stream ended before {until}:\n{events}");
    }
}
