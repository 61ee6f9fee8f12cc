using System.Globalization;
using System.Text.Json;
using Provisioner.GitHub;

namespace Provisioner.Server.Access;

/// <summary>
/// What the claims of a token must say, once its signature holds. <c>sub</c> is never read: its form changes and its owner may write
/// it as he likes (https://docs.github.com/en/actions/reference/security/oidc).
/// </summary>
internal sealed class IdTokenClaims(JsonElement claims)
{
    /// <summary>How far the clocks of GitHub and this host may differ.</summary>
    public static readonly TimeSpan Leeway = TimeSpan.FromSeconds(60);

    // A token may be valid for hours; a client fetches one when it needs it.
    private static readonly TimeSpan LongestAge = TimeSpan.FromMinutes(10);
    private const int LongestTokenId = 200;

    private static readonly string[] Ids = ["repository_id", "repository_owner_id", "run_id", "run_attempt"];
    private static readonly string[] Texts = ["repository_owner", "repository_visibility", "event_name"]; // a deployment of a commit has no ref

    /// <summary>The workflow, or what is wrong with its token.</summary>
    public (WorkflowIdentity? Who, string Problem) Judge(string issuer, string audience, DateTimeOffset now) =>
        (FindProblem(issuer, audience) ?? FindProblemOfTime(now)) is { } problem ? (null, problem) : (ToIdentity(), "");

    private string? FindProblem(string issuer, string audience) =>
        Text("iss") != issuer ? "it is not from the issuer"
        : Text("aud") != audience ? "it was not made for this server: its audience is another, or has others beside it"
        : Text("jti") is not { Length: > 0 and <= LongestTokenId } id || id.Any(c => c is < ' ' or >= '\x7f') ? "it has no jti"
        : Array.Find(Ids, name => !IsNumber(name)) is { } number ? $"it has no {number}"
        : Array.Find(Texts, name => Text(name) is not { Length: > 0 }) is { } text ? $"it has no {text}"
        : !RepositoryName.TryParse(Text("repository"), out var repository) ? "it has no repository"
        : !string.Equals(repository.Owner, Text("repository_owner"), StringComparison.OrdinalIgnoreCase) ? "its repository_owner does not own its repository"
        : null;

    private string? FindProblemOfTime(DateTimeOffset now) =>
        Time("exp") is not { } end ? "it has no exp"
        : Time("nbf") is not { } begin ? "it has no nbf"
        : Time("iat") is not { } made ? "it has no iat"
        : now >= end + Leeway ? "it has expired"
        : now < begin - Leeway ? "it is not valid yet"
        : now < made - Leeway ? "it was made in the future: compare the clocks"
        : now - made > LongestAge ? "it was made more than ten minutes ago"
        : null;

    private WorkflowIdentity ToIdentity() => new(
        RepositoryName.Parse(Text("repository")!),
        long.Parse(Text("run_id")!, CultureInfo.InvariantCulture),
        int.Parse(Text("run_attempt")!, CultureInfo.InvariantCulture),
        Text("jti")!,
        Time("exp")!.Value,
        claims.EnumerateObject().Select(claim => (claim.Name, Value: Plain(claim.Value))).Where(claim => claim.Value is not null)
            .ToDictionary(claim => claim.Name, claim => claim.Value!, StringComparer.Ordinal));

    private string? Text(string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    // GitHub writes ids and numbers of runs as text. All fit into 63 bits, attempts into 31.
    private bool IsNumber(string name) =>
        long.TryParse(Text(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 && (name != "run_attempt" || number <= int.MaxValue);

    private DateTimeOffset? Time(string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds)
        && seconds > 0 && seconds < DateTimeOffset.MaxValue.AddDays(-1).ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;

    private static string? Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        _ => null,
    };
}
