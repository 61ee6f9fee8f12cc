using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>
/// From the request until the runner is online, cold and warm, with real guests: measured when <c>VBDP_WARM_RUNS</c> says how often, and
/// printed. <c>./benchmarks/warm</c> runs it.
/// </summary>
public sealed class WarmFigures(Stage stage) : IDisposable
{
    private const int Patience = 2 * 60 * 60_000;

    /// <summary>Before this guest is asked for: by then it has read its runner into memory.</summary>
    private static readonly TimeSpan Waited = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("end-to-end-figures").FullName;

    [Fact(Timeout = Patience)]
    public async Task From_request_to_online_takes_so_long_cold_and_warm()
    {
        var runs = int.Parse(Environment.GetEnvironmentVariable("VBDP_WARM_RUNS") ?? "0", CultureInfo.InvariantCulture);
        Assert.SkipWhen(runs < 1, "Only measured when VBDP_WARM_RUNS says how often.");

        var cold = await MeasureAsync("cold", kept: 0, TimeSpan.Zero, runs);
        var hasty = await MeasureAsync("hasty", kept: 1, TimeSpan.Zero, runs);
        var warm = await MeasureAsync("warm", kept: 1, Waited, runs);
        var saved = await MeasureAsync("saved", kept: 1, TimeSpan.Zero, runs, kind: "saved");

        Console.WriteLine($"warm: request to online, {runs} runs each, image debian, 1 CPU, 512 MiB");
        Console.WriteLine($"warm: cold  {Show(cold)}");
        Console.WriteLine($"warm: just ready  {Show(hasty)}");
        Console.WriteLine($"warm: has waited {Waited.TotalSeconds} s  {Show(warm)}");
        Console.WriteLine($"warm: saved  {Show(saved)}");
        Assert.Equal((runs, runs, runs, runs), (cold.Count, hasty.Count, warm.Count, saved.Count));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task<List<TimeSpan>> MeasureAsync(string name, int kept, TimeSpan waits, int runs, string kind = "warm")
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
        var machines = Path.Combine(folder, "machines");
        await using var server = await SecondServer.StartAsync(stage, folder, configuration =>
        {
            configuration["qemu"]!["folder"] = machines;
            configuration["images"]!["debian"]![kind] = kept;
        });
        var took = new List<TimeSpan>();
        for (var run = 0; run < runs; run++)
        {
            await WarmServer.ReadyAsync(server);
            await Task.Delay(waits, TimeProvider.System, TestContext.Current.CancellationToken);
            took.Add(await TimeAsync(server, $"{name}-{run}"));
        }

        await using var last = await server.RestartAsync(stage, signal: 15, configuration => configuration["images"]!["debian"]![kind] = 0);
        await WarmServer.EmptyAsync(machines);
        return took;
    }

    /// <summary>One life, until nothing is left; only its first part is measured.</summary>
    private static async Task<TimeSpan> TimeAsync(SecondServer server, string id)
    {
        var began = Stopwatch.GetTimestamp();
        using var created = await server.CreateAsync($$"""{"image": "debian", "id": "{{id}}"}""");
        Assert.True(created.IsSuccessStatusCode);
        await FollowAsync(server, id, "online");
        var took = Stopwatch.GetElapsedTime(began);
        using var deleted = await server.Api.DeleteAsync($"/v1/vms/{id}", TestContext.Current.CancellationToken);
        await FollowAsync(server, id, "gone");
        return took;
    }

    private static async Task FollowAsync(SecondServer server, string id, string phase)
    {
        await using var stream = await server.Api.GetStreamAsync($"/v1/vms/{id}/events", TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            var news = line.StartsWith("data: ", StringComparison.Ordinal) ? JsonNode.Parse(line["data: ".Length..]) : null;
            Assert.Null(news?["failure"]);
            if ((string?)news?["phase"] == phase)
            {
                return;
            }
        }

        Assert.Fail($"{id} was never {phase}.");
    }

    private static string Show(IReadOnlyCollection<TimeSpan> took)
    {
        var sorted = took.Select(one => one.TotalSeconds).Order().ToList();
        return string.Create(CultureInfo.InvariantCulture, $"p50 {At(0.5):0.00} s, p95 {At(0.95):0.00} s, {sorted[0]:0.00} to {sorted[^1]:0.00} s");

        double At(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
    }
}
