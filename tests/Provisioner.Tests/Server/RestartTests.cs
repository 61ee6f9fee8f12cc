using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Server;

/// <summary>The real server is killed while real clients follow its VMs.</summary>
public sealed partial class RestartTests
{
    [Fact(Timeout = 120_000)]
    public async Task Who_follows_a_vm_over_a_killed_server_hears_each_event_once()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It is killed by a signal.");
        using var server = await ServerProgram.StartAsync(new JsonObject { ["maxRunning"] = 1, ["reviewPeriod"] = "00:00:00.2" }, new JsonObject { ["bootTime"] = "01:00:00" });
        await server.CreateAsync("first");
        using var first = Watch(server, "first");
        await first.LineAsync("\"booting\"");
        await server.CreateAsync("second");
        using var second = Watch(server, "second");
        await second.LineAsync("1 of 1");

        await server.KillAsync();
        await first.LineAsync("The server does not answer");
        await second.LineAsync("The server does not answer");
        await server.StartAgainAsync();
        await second.LineAsync("\"booting\""); // the simulated machine of the first went with the server, and made room
        using var deleted = await server.Http.DeleteAsync("/v1/vms/second", TestContext.Current.CancellationToken);

        foreach (var (id, watch) in new[] { ("first", first), ("second", second) })
        {
            await watch.LineAsync("\"gone\"");
            await watch.ExitAsync();
            var told = watch.Output.Split('\n').Where(line => line.StartsWith('{')).Select(line => (long)JsonNode.Parse(line)!["sequence"]!);
            var stored = Id().Matches(await server.EventsToTheEndAsync(id)).Select(match => long.Parse(match.Groups[1].Value, null)).ToList();
            Assert.Equal(stored, told);
            Assert.Equal(stored.Order().Distinct(), stored);
        }
    }

    private static ProductProgram Watch(ServerProgram server, string id) => ProductProgram.Start(
        "virtualbox-client",
        new Dictionary<string, string>
        {
            ["VBDP_SERVER"] = $"https://localhost:{server.Port}", ["VBDP_FINGERPRINT"] = server.Fingerprint, ["VBDP_TOKEN"] = server.Token,
        },
        "watch", id, "--format", "json");

    [GeneratedRegex("^id: ([0-9]+)$", RegexOptions.Multiline)]
    private static partial Regex Id();
}
