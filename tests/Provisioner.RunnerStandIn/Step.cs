using System.Text.Json.Nodes;

namespace Provisioner.RunnerStandIn;

internal sealed record Step(string Id, string Name, string Script)
{
    /// <exception cref="FormatException">It is not a shell step: actions are beyond a stand-in.</exception>
    public static Step From(JsonNode step) => new(
        step.Text("id"),
        step["displayName"]?.ToString() ?? step["name"]?.ToString() ?? "run",
        step["inputs"]?["map"]?.AsArray().FirstOrDefault(pair => pair!.Text("Key") == "script")?.Text("Value")
            ?? throw new FormatException("The stand-in runs shell steps only."));
}
