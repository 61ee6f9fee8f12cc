using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Provisioner.GitHubSimulator.State;

namespace Provisioner.GitHubSimulator.RunnerSide;

/// <summary>OAuth for runners: a JWT signed with the key of the just-in-time configuration buys an access token.</summary>
internal static class TokenEndpoint
{
    private const string AssertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    public static void MapRunnerToken(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/_services/runner/token", ExchangeAsync).DisableAntiforgery();

    private static async Task<IResult> ExchangeAsync(
        HttpRequest request, Board board, RunnerIdentity identity, Addresses addresses, TimeProvider time)
    {
        var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
        if (form["grant_type"] != "client_credentials" || form["client_assertion_type"] != AssertionType)
        {
            return Refuse("unsupported_grant_type", "client_credentials with a jwt-bearer client assertion is what runners send");
        }
        var assertion = form["client_assertion"].ToString();
        if (FindClient(assertion, board) is not { Gone: false } runner)
        {
            return Refuse("invalid_client", "Registration was not found.");
        }
        return await IsSignedByAsync(runner, assertion, addresses, time)
            ? Answer.Json(new JsonObject
            {
                ["access_token"] = identity.TokenFor(runner),
                ["token_type"] = "access_token",
                ["expires_in"] = (int)RunnerIdentity.TokenLifetime.TotalSeconds,
            })
            : Refuse("invalid_client", "The client assertion is not valid.");
    }

    private static SimulatedRunner? FindClient(string assertion, Board board)
    {
        var handler = new JsonWebTokenHandler();
        return handler.CanReadToken(assertion) && Guid.TryParse(handler.ReadJsonWebToken(assertion).Issuer, out var clientId)
            ? board.ByClient(clientId)
            : null;
    }

    private static async Task<bool> IsSignedByAsync(SimulatedRunner runner, string assertion, Addresses addresses, TimeProvider time)
    {
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(runner.PublicKey, out _);
        var now = time.GetUtcNow().UtcDateTime;
        var result = await new JsonWebTokenHandler { MapInboundClaims = false }.ValidateTokenAsync(assertion, new TokenValidationParameters
        {
            IssuerSigningKey = new RsaSecurityKey(key) { CryptoProviderFactory = new() { CacheSignatureProviders = false } },
            ValidIssuer = runner.ClientId.ToString(),
            ValidAudience = addresses.RunnerToken.ToString(),
            // A runner told to keep to FIPS signs with PS256, others with RS256.
            ValidAlgorithms = [SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSha256],
            LifetimeValidator = (from, until, _, _) => from <= now.AddMinutes(5) && until > now.AddMinutes(-5),
        });
        return result.IsValid && ((JsonWebToken)result.SecurityToken).Subject == runner.ClientId.ToString();
    }

    private static IResult Refuse(string error, string description) => Answer.Json(
        new JsonObject { ["error"] = error, ["error_description"] = description },
        StatusCodes.Status400BadRequest);
}
