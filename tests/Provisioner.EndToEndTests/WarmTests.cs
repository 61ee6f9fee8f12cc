using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>A real guest that booted before anybody asked takes the job of whoever asks, and nothing is left of either.</summary>
public sealed class WarmTests(Stage stage) : IDisposable
{
    private const int Patience = 10 * 60_000;

    private readonly string _folder = Directory.CreateTempSubdirectory("end-to-end-warm").FullName;

    [Fact(Timeout = Patience)]
    public async Task A_job_runs_in_a_machine_that_waited_for_it_and_another_takes_its_place()
    {
        var machines = Path.Combine(_folder, "machines");
        await using var first = await StartAsync(machines, kept: 1, kind: "warm");
        await WarmServer.ReadyAsync(first);
        var waiting = Assert.Single(Directory.EnumerateDirectories(machines, "vbdp-warm-*"));
        Assert.DoesNotContain("warm-", await stage.GitHub.GetStringAsync("/_simulator/runners", TestContext.Current.CancellationToken), StringComparison.Ordinal);

        using var created = await first.CreateAsync("""{"image": "debian", "id": "run-warm", "labels": ["run-warm"]}""");
        var queued = await stage.QueueJobAsync("run-warm", "echo warm indeed");
        var job = await stage.CompletedJobAsync((long)queued["id"]!);
        var events = await first.Api.GetStringAsync("/v1/vms/run-warm/events", TestContext.Current.CancellationToken);
        var vm = JsonNode.Parse(await first.Api.GetStringAsync("/v1/vms/run-warm", TestContext.Current.CancellationToken))!;

        Assert.Equal(("success", "run-warm"), ((string?)job["conclusion"], (string?)job["runner_name"]));
        Assert.Contains("warm indeed", (string?)job["log"]);
        Assert.Contains("Took over a warm VM", events, StringComparison.Ordinal);
        Assert.DoesNotContain("\"phase\":\"booting\"", events, StringComparison.Ordinal);
        Assert.DoesNotContain("\"failure\":{", events, StringComparison.Ordinal);
        Assert.Equal(waiting, Path.Combine(machines, $"vbdp-{vm["machine"]}"));
        Assert.False(Directory.Exists(waiting));

        await WarmServer.ReadyAsync(first);
        await using var last = await first.RestartAsync(stage, signal: 15, configuration => configuration["images"]!["debian"]!["warm"] = 0);
        await WarmServer.EmptyAsync(machines);
        Assert.Empty(NativeProcess.Ids($"{machines}/vbdp-"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_job_runs_in_a_machine_that_was_switched_off_with_its_state_and_did_not_boot_again()
    {
        var machines = Path.Combine(_folder, "machines");
        await using var server = await StartAsync(machines, kept: 1, kind: "saved");
        await WarmServer.ReadyAsync(server);
        var waiting = Assert.Single(Directory.EnumerateDirectories(machines, "vbdp-warm-*"));
        Assert.Empty(NativeProcess.Ids($"{machines}/vbdp-"));

        using var created = await server.CreateAsync("""{"image": "debian", "id": "run-saved", "labels": ["run-saved"]}""");
        var queued = await stage.QueueJobAsync("run-saved", "echo awake");
        var job = await stage.CompletedJobAsync((long)queued["id"]!);
        var events = await server.Api.GetStringAsync("/v1/vms/run-saved/events", TestContext.Current.CancellationToken);

        Assert.Equal(("success", "run-saved"), ((string?)job["conclusion"], (string?)job["runner_name"]));
        Assert.Contains("The VM goes on from its saved state.", events, StringComparison.Ordinal);
        Assert.DoesNotContain("\"failure\":{", events, StringComparison.Ordinal);
        await using var last = await server.RestartAsync(stage, signal: 15, configuration => configuration["images"]!["debian"]!["saved"] = 0);
        await WarmServer.EmptyAsync(machines);
        Assert.False(Directory.Exists(waiting));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task<SecondServer> StartAsync(string machines, int kept, string kind) => SecondServer.StartAsync(stage, _folder, configuration =>
    {
        configuration["qemu"]!["folder"] = machines;
        configuration["images"]!["debian"]![kind] = kept;
        configuration["vms"] = new JsonObject { ["reviewPeriod"] = "00:00:01", ["saveAfter"] = "00:00:08" };
    });
}
