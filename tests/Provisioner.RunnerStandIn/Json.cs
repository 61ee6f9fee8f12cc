using System.Text;
using System.Text.Json.Nodes;

namespace Provisioner.RunnerStandIn;

/// <summary>Reads JSON as loosely as the runner does: names in any case, numbers and booleans also as text, a BOM in front.</summary>
internal static class Json
{
    private static readonly JsonNodeOptions AnyCase = new() { PropertyNameCaseInsensitive = true };

    public static JsonNode Parse(byte[] utf8)
    {
        var text = utf8.AsSpan();
        return JsonNode.Parse(text.StartsWith(Encoding.UTF8.Preamble) ? text[Encoding.UTF8.Preamble.Length..] : text, AnyCase)
            ?? throw new FormatException("JSON with content was expected.");
    }

    public static string Text(this JsonNode node, string name) =>
        node[name]?.ToString() ?? throw new FormatException($"'{name}' is missing.");

    public static bool Flag(this JsonNode? node) => bool.TryParse(node?.ToString(), out var set) && set;
}
