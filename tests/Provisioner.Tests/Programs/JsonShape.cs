using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Provisioner.Tests.Programs;

/// <summary>What a program can rely on in JSON: the keys in their order, and the types of their values.</summary>
internal static class JsonShape
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Of(string json) => Of(JsonDocument.Parse(json).RootElement).ToJsonString(Indented) + "\n";

    private static JsonNode Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => new JsonObject(value.EnumerateObject().Select(field => KeyValuePair.Create(field.Name, (JsonNode?)Of(field.Value)))),
        JsonValueKind.Array => new JsonArray([.. value.EnumerateArray().Select(Of).DistinctBy(shape => shape.ToJsonString())]),
        JsonValueKind.String => IsTime(value.GetString()!) ? "time" : "text",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        var kind => kind.ToString().ToLowerInvariant(),
    };

    private static bool IsTime(string text) =>
        text.Length > 18 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);
}
