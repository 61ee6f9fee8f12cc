using System.Text.Json;
using Provisioner.GitHub;

namespace Provisioner.Server.Access;

/// <summary>Claims that somebody wrote down, read as if a token had proved them.</summary>
internal static class WrittenClaims
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };

    public static (WorkflowIdentity? Who, string? Problem) ReadFile(string file)
    {
        try
        {
            return Read(file, File.ReadAllBytes(file));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return (null, $"{file}: cannot be read: {problem.Message}");
        }
    }

    /// <param name="file">What the text is called when something is wrong with it.</param>
    /// <param name="text">A JSON object, in UTF-8.</param>
    public static (WorkflowIdentity? Who, string? Problem) Read(string file, ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Lenient);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Read(file, document.RootElement)
                : (null, $"{file}: the claims must be one JSON object, as they stand in the middle part of a token.");
        }
        catch (Exception problem) when (JsonFault.Is(problem))
        {
            return (null, $"{file}: {JsonFault.Describe(problem)}");
        }
    }

    private static (WorkflowIdentity? Who, string? Problem) Read(string file, JsonElement root)
    {
        var claims = root.EnumerateObject().Select(claim => (claim.Name, Value: Text(claim.Value))).Where(claim => claim.Value is not null)
            .ToDictionary(claim => claim.Name, claim => claim.Value!);
        return RepositoryName.TryParse(claims.GetValueOrDefault("repository"), out var repository)
            ? (new WorkflowIdentity(repository, RunId: 0, RunAttempt: 0, TokenId: "", DateTimeOffset.MaxValue, claims), null)
            : (null, $"{file}: the claim repository is missing or no repository: it is written {RepositoryName.Rule}, and each token has it.");
    }

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };
}
