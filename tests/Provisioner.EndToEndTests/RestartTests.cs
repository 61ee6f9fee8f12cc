using System.Net.Http.Headers;

namespace Provisioner.EndToEndTests;

/// <summary>Machines outlive the published server: the next one finds them, and their jobs end as if nothing had been.</summary>
public sealed class RestartTests(Stage stage) : IDisposable
{
    private const int Patience = 10 * 60_000;
    private const string Id = "run-restart";

    private readonly string _folder = Directory.CreateTempSubdirectory("end-to-end-restart").FullName;

    [Theory(Timeout = Patience)]
    [InlineData(9)]
    [InlineData(15)]
    public async Task A_job_outlives_its_server_and_its_events_go_on(int signal)
    {
        var machines = Path.Combine(_folder, "machines");
        await using var first = await SecondServer.StartAsync(stage, _folder, configuration => configuration["qemu"]!["folder"] = machines);
        using var created = await first.CreateAsync($$"""{"image": "debian", "id": "{{Id}}", "labels": ["{{Id}}"]}""");
        var queued = await stage.QueueJobAsync(Id, "sleep 15; echo finished after all");
        var (seen, _) = await ReadAsync(first, lastSeen: null, until: "\"phase\":\"busy\"");
        var qemu = NativeProcess.Ids($"{machines}/vbdp-{Id}");

        await using var second = await first.RestartAsync(stage, signal);
        var stillRuns = NativeProcess.Ids($"{machines}/vbdp-{Id}");
        var job = await stage.CompletedJobAsync((long)queued["id"]!);
        var (_, events) = await ReadAsync(second, seen, until: "\"phase\":\"gone\"");

        Assert.NotEmpty(qemu);
        Assert.Equal(qemu, stillRuns);
        Assert.Equal("success", (string?)job["conclusion"]);
        Assert.Contains("finished after all", (string?)job["log"]);
        Assert.DoesNotContain("\"phase\":\"online\"", events, StringComparison.Ordinal);
        Assert.DoesNotContain("\"failure\":{", events, StringComparison.Ordinal);
        Assert.Empty(NativeProcess.Ids($"{machines}/vbdp-{Id}"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(machines, "vbdp-*"));
        Assert.DoesNotContain(Id, await stage.GitHub.GetStringAsync("/_simulator/runners", TestContext.Current.CancellationToken));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>Reads the stream of events from behind the one last seen; gives the last one's id, and all of them.</summary>
    private static async Task<(string? LastSeen, string Events)> ReadAsync(SecondServer server, string? lastSeen, string until)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/vms/{Id}/events");
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
