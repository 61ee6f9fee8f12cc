using System.Text.Json.Nodes;

namespace Provisioner.GitHubSimulator.Oidc;

/// <summary>The issuer of workflow identity tokens: discovery, keys, and the address at which a step gets its token.</summary>
internal static class OidcEndpoints
{
    private static readonly TimeSpan RequestTokenLifetime = TimeSpan.FromHours(6);

    public static void MapOidc(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/_services/token");
        group.MapGet("/.well-known/openid-configuration", Discover);
        group.MapGet("/.well-known/jwks", (SigningKey key) => Answer.Json(key.PublicKeySet()));
        group.MapGet("/idtoken", IssueAsync);
        routes.MapPost("/_simulator/oidc", GrantAsync);
    }

    private static IResult Discover(Addresses addresses) => Answer.Json(new JsonObject
    {
        ["issuer"] = addresses.OidcIssuer,
        ["jwks_uri"] = new Uri(addresses.Own, "_services/token/.well-known/jwks").ToString(),
        ["subject_types_supported"] = new JsonArray("public", "pairwise"),
        ["response_types_supported"] = new JsonArray("id_token"),
        ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
        ["scopes_supported"] = new JsonArray("openid"),
    });

    /// <summary>Gives a step what a job with `id-token: write` has in its environment; the body's claims win over the usual ones.</summary>
    private static async Task<IResult> GrantAsync(HttpRequest request, SigningKey key, Addresses addresses, TimeProvider time)
    {
        var claims = await JsonNode.ParseAsync(request.Body, cancellationToken: request.HttpContext.RequestAborted) as JsonObject ?? [];
        var token = key.Sign(new JsonObject
        {
            ["iss"] = "simulated-id-token-requests",
            ["exp"] = (time.GetUtcNow() + RequestTokenLifetime).ToUnixTimeSeconds(),
            ["claims"] = claims.ToJsonString(),
        });
        return Answer.Json(new JsonObject
        {
            ["ACTIONS_ID_TOKEN_REQUEST_URL"] = new Uri(addresses.Own, "_services/token/idtoken?api-version=2.0").ToString(),
            ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = token,
        });
    }

    private static async Task<IResult> IssueAsync(HttpRequest request, string? audience, SigningKey key, Addresses addresses, TimeProvider time)
    {
        var bearer = request.Headers.Authorization.ToString().Split(' ', 2) is [_, var sent] ? sent : "";
        if (await key.ReadAsync(bearer, time.GetUtcNow()) is not { } grant || !grant.TryGetPayloadValue<string>("claims", out var given))
        {
            return TypedResults.Unauthorized();
        }
        var claims = IdToken.UsualClaims(addresses.OidcIssuer, time.GetUtcNow());
        foreach (var (name, value) in JsonNode.Parse(given)!.AsObject())
        {
            claims[name] = value?.DeepClone();
        }
        IdToken.Complete(claims, audience);
        return Answer.Json(new JsonObject { ["count"] = 1, ["value"] = key.Sign(claims) });
    }
}
