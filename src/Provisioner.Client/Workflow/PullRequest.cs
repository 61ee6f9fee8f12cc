using System.Text.Json;

namespace Provisioner.Client.Workflow;

/// <summary>Reads in the event of this run whether it is for a pull request from another repository.</summary>
internal static class PullRequest
{
    private const int LargestEvent = 8 * 1024 * 1024;

    /// <summary>The fork's name; null for any other run, and where the event cannot be read.</summary>
    public static string? ForkOf(IReadOnlyDictionary<string, string> environment)
    {
        // pull_request, pull_request_review and the like; pull_request_target runs with the rights of the base, and may ask.
        if (environment.GetValueOrDefault("GITHUB_EVENT_NAME") is not { } kind || kind == "pull_request_target" || !kind.StartsWith("pull_request", StringComparison.Ordinal)
            || environment.GetValueOrDefault("GITHUB_EVENT_PATH") is not { Length: > 0 } path)
        {
            return null;
        }

        try
        {
            using var file = File.OpenRead(path);
            using var happened = file.Length <= LargestEvent ? JsonDocument.Parse(file) : null;
            return happened is not null && NameOf(happened, "head") is { } head && !string.Equals(head, NameOf(happened, "base"), StringComparison.OrdinalIgnoreCase) ? head : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // A fork that was deleted is null there, and its pull request is one from a fork all the same.
    private static string? NameOf(JsonDocument happened, string side) =>
        Member(Member(happened.RootElement, "pull_request"), side) is not { } end ? null
        : Member(Member(end, "repo"), "full_name") is { ValueKind: JsonValueKind.String } name ? name.GetString() : "deleted";

    private static JsonElement? Member(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } && of.Value.TryGetProperty(name, out var value) ? value : null;
}
