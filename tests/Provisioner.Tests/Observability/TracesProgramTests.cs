using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Observability;

/// <summary>What a collector gets of the real program: a VM's whole life in the trace of the request for it.</summary>
public sealed class TracesProgramTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Fact(Timeout = 180_000)]
    public async Task A_vm_is_one_trace_from_the_request_to_its_removal_and_it_holds_no_secret()
    {
        using var collector = new TraceCollector();
        using var server = await ServerProgram.StartAsync(
            new JsonObject(),
            new JsonObject { ["cloneTime"] = "00:00:00", ["startTime"] = "00:00:00", ["bootTime"] = "00:00:00", ["removeTime"] = "00:00:00", ["jobTime"] = "00:00:00" },
            environment: new Dictionary<string, string>
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf", ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
            });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/vms")
        {
            Content = JsonContent.Create(new JsonObject { ["image"] = "demo", ["repository"] = "acme/gpu", ["id"] = "traced" }),
            Headers = { { "traceparent", $"00-{Trace}-00f067aa0ba902b7-01" } },
        };
        using var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode);

        await collector.SpansAsync(Trace, "POST /v1/vms", "vm clone", "vm start", "vm remove");

        Assert.DoesNotContain(server.Token, collector.Text.ToString(), StringComparison.Ordinal);
    }
}
