using System.Text.Json.Nodes;

namespace Provisioner.Tests.Access;

/// <summary>Tokens that are wrong in what they say, though the issuer's own key has signed them.</summary>
internal static class TokenMutations
{
    private static readonly string[] Needed =
    [
        "iss", "aud", "exp", "nbf", "iat", "jti", "repository", "repository_id", "repository_owner", "repository_owner_id",
        "repository_visibility", "run_id", "run_attempt", "event_name",
    ];

    public static Dictionary<string, string> Of(TestIssuer issuer)
    {
        var now = TimeProvider.System.GetUtcNow();
        var tokens = new Dictionary<string, string>();
        foreach (var claim in Needed)
        {
            tokens[$"no {claim}"] = With(issuer, claims => claims.Remove(claim));
            tokens[$"{claim} null"] = With(issuer, claims => claims[claim] = null);
            tokens[$"{claim} an object"] = With(issuer, claims => claims[claim] = new JsonObject { ["value"] = "74" });
        }

        foreach (var (name, claim, value) in Values(issuer, now))
        {
            tokens[name] = With(issuer, claims => claims[claim] = value);
        }

        foreach (var claim in new[] { "iss", "aud", "repository", "jti" })
        {
            var whole = issuer.Claims().ToJsonString();
            tokens[$"{claim} twice"] = issuer.Sign(TestIssuer.Header().ToJsonString(), $$"""{"{{claim}}":"acme/other",{{whole[1..]}}""");
            tokens[$"{claim} twice, once escaped"] = issuer.Sign(TestIssuer.Header().ToJsonString(), $$"""{"\u{{(int)claim[0]:x4}}{{claim[1..]}}":"acme/other",{{whole[1..]}}""");
        }

        return tokens;
    }

    private static string With(TestIssuer issuer, Action<JsonObject> change)
    {
        var claims = issuer.Claims();
        change(claims);
        return issuer.Sign(TestIssuer.Header(), claims);
    }

    private static IEnumerable<(string Name, string Claim, JsonNode? Value)> Values(TestIssuer issuer, DateTimeOffset now) =>
    [
        ("issuer with a slash", "iss", $"{issuer.Url}/"),
        ("issuer in capitals", "iss", issuer.Url.ToUpperInvariant()),
        ("issuer that looks alike", "iss", issuer.Url.Replace("127.0.0.1", "127.0.0.1.example.org", StringComparison.Ordinal)),
        ("issuer over https", "iss", issuer.Url.Replace("http:", "https:", StringComparison.Ordinal)),
        ("issuer with a path", "iss", $"{issuer.Url}/acme"),
        ("issuer in a list", "iss", new JsonArray(issuer.Url)),
        ("audience of another", "aud", "https://other.example.org:8080"),
        ("audience with a slash", "aud", $"{TestIssuer.Audience}/"),
        ("audience in capitals", "aud", TestIssuer.Audience.ToUpperInvariant()),
        ("audience by default", "aud", "https://github.com/acme"),
        ("audience with another beside it", "aud", new JsonArray(TestIssuer.Audience, "https://other.example.org")),
        ("audience in a list", "aud", new JsonArray(TestIssuer.Audience)),
        ("audience empty", "aud", ""),
        ("expired", "exp", now.AddSeconds(-61).ToUnixTimeSeconds()),
        ("expiry as text", "exp", $"{now.AddMinutes(5).ToUnixTimeSeconds()}"),
        ("expiry beyond all calendars", "exp", long.MaxValue),
        ("expiry with a fraction", "exp", now.AddMinutes(5).ToUnixTimeSeconds() + 0.5),
        ("expiry below zero", "exp", -1),
        ("not valid yet", "nbf", now.AddSeconds(75).ToUnixTimeSeconds()),
        ("made long ago", "iat", now.AddSeconds(-602).ToUnixTimeSeconds()),
        ("made in the future", "iat", now.AddSeconds(75).ToUnixTimeSeconds()),
        ("no id of the token", "jti", ""),
        ("id of the token as a number", "jti", 7),
        ("id of the token too long", "jti", new string('x', 201)),
        ("id of the token with a line break", "jti", "a\nb"),
        ("repository without an owner", "repository", "gpu"),
        ("repository that walks up", "repository", "acme/.."),
        ("repository with a query", "repository", "acme/gpu?x"),
        ("repository of another owner", "repository", "other/gpu"),
        ("owner of another repository", "repository_owner", "other"),
        ("id of the repository that is none", "repository_id", "gpu"),
        ("id of the repository below zero", "repository_id", "-74"),
        ("id of the owner as a number", "repository_owner_id", 65),
        ("run with a sign", "run_id", "+7001"),
        ("run too large", "run_id", "99999999999999999999"),
        ("attempt zero", "run_attempt", "0"),
        ("attempt too large", "run_attempt", "4294967297"),
        ("event empty", "event_name", ""),
    ];
}
