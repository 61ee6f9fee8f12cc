using System.Buffers.Text;
using System.Text.Json;

namespace Provisioner.Server.Access;

/// <summary>
/// A workflow's token before anything in it is believed: its shape is right, and it names a key. What could be read in two ways
/// (a name that stands twice) or would have us look for keys where the token says (<c>jku</c>, <c>x5u</c>, <c>jwk</c>) is refused here.
/// </summary>
internal sealed record UnverifiedIdToken(string Text, string KeyId, JsonElement Claims)
{
    private const int LongestText = 16 * 1024;
    private const int LongestKeyId = 200;

    // GitHub writes none of them. "crit" names what must be understood, and nothing of that kind is understood here.
    private static readonly string[] RefusedInHeader = ["crit", "jku", "jwk", "x5u", "x5c", "cty", "enc", "zip", "b64"];

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    /// <summary>The token, or what is wrong with it: words of ours, never of the token.</summary>
    public static (UnverifiedIdToken? Token, string Problem) Read(string text)
    {
        if (text.Length > LongestText)
        {
            return (null, "it is longer than 16 KiB");
        }

        return text.Split('.') is [var head, var body, { Length: > 0 } signature]
            && Bytes(signature) is not null && Object(head) is { } header && Object(body) is { } claims
            ? FindProblem(header) is { } problem ? (null, problem) : (new UnverifiedIdToken(text, TextOf(header, "kid")!, claims), "")
            : (null, "it is no signed JSON web token, or a name stands twice in it");
    }

    // A generated one would print the token.
    public override string ToString() => $"a token of key {KeyId}";

    private static string? FindProblem(JsonElement header) =>
        TextOf(header, "alg") != "RS256" ? "its algorithm is not RS256"
        : TextOf(header, "kid") is not { Length: > 0 and <= LongestKeyId } ? "it names no key"
        : header.TryGetProperty("typ", out _) && TextOf(header, "typ") != "JWT" ? "its type is not JWT"
        : Array.Find(RefusedInHeader, name => header.TryGetProperty(name, out _)) is { } refused ? $"its header has '{refused}'"
        : null;

    private static JsonElement? Object(string part)
    {
        try
        {
            using var document = JsonDocument.Parse(Bytes(part), Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.EnumerateObject().All(IsReadable) ? document.RootElement.Clone() : null;
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Half a character (as in "\ud800") is found only when it is read; so all is read here, where it is expected.</summary>
    private static bool IsReadable(JsonProperty property) =>
        property.Name.Length > 0 && (property.Value.ValueKind != JsonValueKind.String || property.Value.GetString() is not null);

    /// <summary>Null unless written in the one way in which these bytes may be written: no padding, no space, no bits without a meaning.</summary>
    private static byte[]? Bytes(string part) =>
        part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && Base64Url.IsValid(part) && Base64Url.DecodeFromChars(part) is var bytes && Base64Url.EncodeToString(bytes) == part ? bytes : null;

    private static string? TextOf(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
