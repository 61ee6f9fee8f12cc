using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Provisioner.Tests.Docs;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Observability;

/// <summary>What Prometheus reads of the real program.</summary>
public sealed class MetricsProgramTests
{
    private const int Patience = 180_000;
    private const int LongPatience = 3_600_000;

    /// <summary>As many as a busy host has in some weeks, where VBDP_SOAK=1 asks for them.</summary>
    private static readonly int Lives = Environment.GetEnvironmentVariable("VBDP_SOAK") == "1" ? 10_000 : 200;

    private static readonly Regex KnownOutcome = new($"outcome=\"({string.Join('|', ProblemPageTests.Codes)}|ok|done|deleted)\"");

    [Fact(Timeout = Patience)]
    public async Task Prometheus_reads_what_became_of_VMs_with_a_token_of_its_own_and_nobody_else_does()
    {
        using var server = await StartAsync();
        var token = await TokenAsync(server);
        await LiveAsync(server, 0, 5);

        var (status, _) = await ReadAsync(server, server.Token);
        var (none, _) = await ReadAsync(server, "");
        var (good, text) = await ReadAsync(server, token);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized, HttpStatusCode.OK), (status, none, good));
        Assert.Contains("vbdp_vm_phase_duration_seconds_count{", text, StringComparison.Ordinal);
        Assert.Matches("vbdp_vm_ended_total\\{[^}]*image=\"demo\"[^}]*\\} 5\n", text);
        Assert.Matches("vbdp_capacity\\{[^}]*resource=\"count\"[^}]*\\} 20\n", text);
        Assert.Matches("vbdp_vm_operations_total\\{[^}]*operation=\"clone\",outcome=\"ok\"[^}]*\\} 5\n", text);
        Assert.Contains("vbdp_sign_ins_total{", text, StringComparison.Ordinal);
        Assert.DoesNotContain("acme", text, StringComparison.Ordinal);
    }

    [Fact(Timeout = LongPatience)]
    public async Task The_number_of_series_does_not_grow_with_VMs_and_strangers()
    {
        using var server = await StartAsync();
        var token = await TokenAsync(server);
        await LiveAsync(server, 0, 20);
        await ReadAsync(server, "vbdp_000000000000_wrongwrongwrongwrongwrong");
        await ReadAsync(server, token);
        var few = await SeriesAsync(server, token);

        await LiveAsync(server, 20, Lives);
        for (var stranger = 0; stranger < 50; stranger++)
        {
            await ReadAsync(server, $"vbdp_{stranger:x12}_wrongwrongwrongwrongwrong");
        }

        Assert.Empty((await SeriesAsync(server, token)).Except(few));
    }

    private static Task<ServerProgram> StartAsync() => ServerProgram.StartAsync(
        new JsonObject { ["maxRunning"] = 20 },
        new JsonObject
        {
            ["cloneTime"] = "00:00:00", ["startTime"] = "00:00:00", ["bootTime"] = "00:00:00", ["configureTime"] = "00:00:00",
            ["idleTime"] = "00:00:00", ["jobTime"] = "00:00:00", ["stopTime"] = "00:00:00", ["removeTime"] = "00:00:00",
        });

    private static async Task<string> TokenAsync(ServerProgram server)
    {
        var (code, output) = await server.OperateAsync("token", "create", "--name", "prometheus", "--role", "viewer");
        Assert.Equal(0, code);
        return output.Trim();
    }

    private static async Task LiveAsync(ServerProgram server, int from, int to)
    {
        foreach (var some in Enumerable.Range(from, to - from).Chunk(20))
        {
            await Task.WhenAll(some.Select(async number =>
            {
                await server.CreateAsync($"life-{number}");
                Assert.Contains("\"gone\"", await server.EventsToTheEndAsync($"life-{number}"), StringComparison.Ordinal);
            }));
        }
    }

    private static async Task<(HttpStatusCode Status, string Text)> ReadAsync(ServerProgram server, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        using var http = server.OpenHttp();
        http.DefaultRequestHeaders.Authorization = null;
        request.Headers.Authorization = token.Length > 0 ? new AuthenticationHeaderValue("Bearer", token) : null;
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    // Without the values. What .NET says of its heaps, threads and exceptions comes and goes by itself, and is bounded by .NET; and on a busy machine a VM may end in one more of the ways that there are.
    private static async Task<HashSet<string>> SeriesAsync(ServerProgram server, string token) =>
        [.. (await ReadAsync(server, token)).Text.Split('\n').Where(line => line.StartsWith("vbdp_", StringComparison.Ordinal)).Select(line => KnownOutcome.Replace(line[..(line.LastIndexOf('}') + 1)], "outcome=known"))];
}
