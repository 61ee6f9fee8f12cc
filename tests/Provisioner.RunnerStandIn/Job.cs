using System.Text.Json.Nodes;

namespace Provisioner.RunnerStandIn;

/// <summary>A job message, as far as shell steps need it.</summary>
internal sealed record Job(string JobId, string PlanId, string Name, string Token, Uri? Results, JsonNode Context, IReadOnlyList<Step> Steps)
{
    public static Job From(JsonNode message) => new(
        message.Text("jobId"),
        message["plan"]!.Text("planId"),
        message.Text("jobDisplayName"),
        message["resources"]!["endpoints"]![0]!["authorization"]!["parameters"]!.Text("AccessToken"),
        message["variables"]?["system.github.results_endpoint"] is { } results ? new Uri(results.Text("value")) : null,
        message,
        [.. message["steps"]!.AsArray().Select(step => Step.From(step!))]);

    /// <summary>An entry of the `github` context; empty if there is none.</summary>
    public string GitHub(string name) =>
        Context["contextData"]?["github"]?["d"]?.AsArray().FirstOrDefault(pair => pair!.Text("k") == name)?.Text("v") ?? "";
}
