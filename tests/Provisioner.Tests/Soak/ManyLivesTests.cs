using System.Text.Json.Nodes;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Soak;

/// <summary>A server that makes and removes VM after VM: 300 of them, and 10,000 where VBDP_SOAK=1 asks for them.</summary>
public sealed class ManyLivesTests(ITestOutputHelper output)
{
    private const int AtOnce = 20;
    private static readonly int Lives = Environment.GetEnvironmentVariable("VBDP_SOAK") == "1" ? 10_000 : 300;

    [Fact(Timeout = 3_600_000)]
    public async Task Memory_and_database_do_not_grow_with_the_vms_that_were()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Memory is read from /proc.");
        using var server = await ServerProgram.StartAsync(
            new JsonObject { ["maxRunning"] = AtOnce, ["history"] = "00:00:01" },
            new JsonObject
            {
                ["cloneTime"] = "00:00:00", ["startTime"] = "00:00:00", ["bootTime"] = "00:00:00", ["configureTime"] = "00:00:00",
                ["idleTime"] = "00:00:00", ["jobTime"] = "00:00:00", ["stopTime"] = "00:00:00", ["removeTime"] = "00:00:00",
            });
        var samples = new List<(long Memory, long Data)>();

        for (var life = 0; life < Lives; life += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(life, AtOnce).Select(number => LiveAsync(server, $"life-{number}")));
            samples.Add((server.Memory, server.DataSize));
        }

        var tenth = samples.Count / 10;
        var (early, late) = (samples.Take(tenth).ToList(), samples.TakeLast(tenth).ToList());
        output.WriteLine($"{Lives} lives, {(ProductProgram.IsNative("virtualbox-server") ? "native" : "built")} server");
        output.WriteLine($"resident memory: first tenth {early.Average(s => s.Memory) / 1024:0.0} MiB, last tenth {late.Average(s => s.Memory) / 1024:0.0} MiB, most {samples.Max(s => s.Memory) / 1024.0:0.0} MiB");
        output.WriteLine($"database: first tenth {early.Max(s => s.Data) / 1024} KiB, last tenth {late.Max(s => s.Data) / 1024} KiB, most {samples.Max(s => s.Data) / 1024} KiB");
        Assert.InRange(late.Average(s => s.Memory), 0, 1.5 * early.Average(s => s.Memory) + 32 * 1024);
        Assert.InRange(late.Max(s => s.Data), 0, 2 * early.Max(s => s.Data) + 6 * 1024 * 1024);
        Assert.InRange(await RememberedAsync(server), 1, Lives / 2);
    }

    private static async Task LiveAsync(ServerProgram server, string id)
    {
        await server.CreateAsync(id);
        Assert.Contains("\"gone\"", await server.EventsToTheEndAsync(id), StringComparison.Ordinal);
    }

    /// <summary>How many VMs the server still has a record of, soon after the last: those of the last second, not of all time.</summary>
    private static async Task<int> RememberedAsync(ServerProgram server) =>
        JsonNode.Parse(await server.Http.GetStringAsync("/v1/vms", TestContext.Current.CancellationToken))!.AsArray().Count;
}
