using System.Text.Json;
using System.Text.Json.Nodes;
using Provisioner.GitHubSimulator.Oidc;
using Provisioner.Server.Access;

namespace Provisioner.Tests.Access;

/// <summary>Clocks may differ by a minute and not by a second more.</summary>
public sealed class TokenTimeTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("exp", -59, true)]
    [InlineData("exp", -60, false)]
    [InlineData("nbf", 60, true)]
    [InlineData("nbf", 61, false)]
    [InlineData("iat", 60, true)]
    [InlineData("iat", 61, false)]
    [InlineData("iat", -600, true)]
    [InlineData("iat", -601, false)]
    public void A_token_counts_to_the_second(string claim, int secondsFromNow, bool accepted)
    {
        var claims = Claims();
        claims[claim] = Noon.AddSeconds(secondsFromNow).ToUnixTimeSeconds();

        Assert.Equal(accepted, Judge(claims) is not null);
    }

    [Fact]
    public void A_workflow_is_known_by_its_claims_and_never_by_its_subject()
    {
        var claims = Claims();
        claims["sub"] = "repo:octo-org@65/octo-repo@74:ref:refs/heads/main";
        claims["environment"] = "prod";
        claims["check_run_id"] = 42;
        claims["repo_property_hardened"] = true;

        var who = Judge(claims);

        Assert.Equal(("octo-org/octo-repo", 1, 1), (who?.Repository.ToString(), who?.RunId, who?.RunAttempt));
        Assert.Equal(("74", "65", "prod"), (who?.Claims["repository_id"], who?.Claims["repository_owner_id"], who?.Claims["environment"]));
        Assert.Equal(("42", "true"), (who?.Claims["check_run_id"], who?.Claims["repo_property_hardened"]));
        claims.Remove("sub");
        Assert.NotNull(Judge(claims));
    }

    private static JsonObject Claims()
    {
        var claims = IdToken.UsualClaims("https://issuer.example.org", Noon);
        IdToken.Complete(claims, TestIssuer.Audience);
        return claims;
    }

    private static WorkflowIdentity? Judge(JsonObject claims) =>
        new IdTokenClaims(JsonDocument.Parse(claims.ToJsonString()).RootElement).Judge("https://issuer.example.org", TestIssuer.Audience, Noon).Who;
}
