using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Provisioner.GitHub;

/// <summary>An answer of GitHub, read whole.</summary>
internal sealed record RestReply(RestCall Call, HttpStatusCode Status, byte[] Body, string? RequestId)
{
    private const int LongestQuote = 200;

    /// <summary>GitHub's name (ETag) of this version of the answer.</summary>
    public string? Version { get; init; }

    /// <summary>Status, GitHub's own words and the id its support asks for: what an error message quotes.</summary>
    public string Said
    {
        get
        {
            var words = Words();
            return $"{(int)Status}{(words.Length == 0 ? "" : $": {words}")}{(RequestId is null ? "" : $", request {RequestId}")}";
        }
    }

    /// <exception cref="GitHubException">The body is not what it should be.</exception>
    public T Read<T>(JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(Body, type) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            // The inner exception is left out: it may quote the body, which may hold a token.
            throw new GitHubException(
                GitHubFault.ServerError,
                $"GitHub's answer to {Call} could not be read (status {(int)Status}, at {e.Path ?? "start"}). Check that the configured GitHub "
                    + "address is one, and that no proxy answers in its place.");
        }
    }

    public override string ToString() => $"{Call} -> {Said}";

    internal string Words()
    {
        try
        {
            return Tame(JsonSerializer.Deserialize(Body, GitHubJson.Default.WireError)?.Message ?? "");
        }
        catch (JsonException)
        {
            return "";
        }
    }

    // The words end in logs and on terminals: no line breaks, no escape sequences, no novel.
    private static string Tame(string text)
    {
        var clean = new string([.. text.Take(LongestQuote).Select(c => char.IsControl(c) ? ' ' : c)]);
        return text.Length > LongestQuote ? clean + "…" : clean;
    }
}
