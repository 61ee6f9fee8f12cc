using System.Text;
using System.Text.Json.Nodes;

namespace Provisioner.RunnerStandIn;

/// <summary>A message of the broker. Its body travels as a string that holds JSON.</summary>
internal sealed record RunnerMessage(string Type, JsonNode Body)
{
    public bool IsJob => Type.Equals("RunnerJobRequest", StringComparison.OrdinalIgnoreCase);

    public bool IsCancellation => Type.Equals("JobCancellation", StringComparison.OrdinalIgnoreCase);

    public static RunnerMessage From(JsonNode message) =>
        new(message.Text("messageType"), Json.Parse(Encoding.UTF8.GetBytes(message.Text("body"))));
}
