using System.Text.Json;

namespace Provisioner.Server.Access;

/// <summary>
/// Reads a file of rules: JSON with comments, <c>{"rules": [...]}</c>. Everything that is wrong with it is said at once, by rule and key;
/// with any error there are no rules.
/// </summary>
internal static class PolicyFile
{
    private const int MostBytes = 1024 * 1024;

    // A key that stands twice would hide what its first value limits.
    private static readonly JsonDocumentOptions Lenient = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        AllowDuplicateProperties = false,
        MaxDepth = 16,
    };

    /// <summary>What is in a file, or why it cannot be read.</summary>
    public static (byte[]? Text, string? Problem) Load(string file)
    {
        try
        {
            return new FileInfo(file) is { Exists: true, Length: > MostBytes } ? (null, $"the file is larger than {MostBytes} bytes.") : (File.ReadAllBytes(file), null);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return (null, $"cannot be read: {problem.Message}");
        }
    }

    /// <summary>The rules of a file. They are null when there is any error.</summary>
    public static (IReadOnlyList<PolicyRule>? Rules, IReadOnlyList<string> Errors) Read(string file)
    {
        var (text, problem) = Load(file);
        return text is null ? (null, [problem!]) : Parse(text);
    }

    /// <summary>The rules of a text. They are null when there is any error.</summary>
    public static (IReadOnlyList<PolicyRule>? Rules, IReadOnlyList<string> Errors) Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text.Span.StartsWith("\uFEFF"u8) ? text[3..] : text, Lenient);
            return Read(document.RootElement);
        }
        catch (Exception problem) when (JsonFault.Is(problem))
        {
            return (null, [JsonFault.Describe(problem)]);
        }
    }

    private static (IReadOnlyList<PolicyRule>? Rules, IReadOnlyList<string> Errors) Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("rules", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return (null, ["rules: missing, or not a list. Write {\"rules\": [ ... ]}; with an empty list nobody may do anything."]);
        }

        var errors = root.EnumerateObject().Where(key => key.Name != "rules")
            .Select(key => $"{ClaimText.Show(key.Name)}: there is no such key; known is rules.").ToList();
        var rules = list.EnumerateArray().Select((rule, index) => new RuleReader(errors, index + 1).Read(rule)).ToList();
        errors.AddRange(rules.OfType<PolicyRule>().GroupBy(rule => rule.Name).Where(same => same.Count() > 1)
            .Select(same => $"rule {same.Key}: name: {same.Count()} rules have this name. Give each its own, so that it is clear which one is meant."));
        return errors.Count == 0 ? ([.. rules.Select(rule => rule!)], []) : (null, errors);
    }
}
