using System.Text.Json;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>A line from QEMU: the answer to a command (<c>return</c> or <c>error</c>, with its id), or an event.</summary>
internal sealed record QmpMessage
{
    public int? Id { get; init; }

    public JsonElement? Return { get; init; }

    public JsonElement? Error { get; init; }

    public string? Event { get; init; }

    public JsonElement? Data { get; init; }

    /// <summary>A text inside <see cref="Return"/> or <see cref="Data"/>, or an empty string.</summary>
    public string Text(string name) =>
        (Return ?? Data) is { ValueKind: JsonValueKind.Object } content
        && content.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";
}
