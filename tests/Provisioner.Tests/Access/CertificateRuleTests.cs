using Provisioner.GitHub;
using Provisioner.Server.Access;

namespace Provisioner.Tests.Access;

/// <summary>Rules for clients with a certificate: by its name, for the repositories that the rule names, and for no workflow.</summary>
public sealed class CertificateRuleTests
{
    private const string Both =
        """
        { "rules": [
          { "name": "farm", "who": { "certificate": ["build-farm", "spare.1"] }, "may": { "repositories": ["acme/gpu", "tools/*"], "images": ["debian-12"], "maxVms": 3 } },
          { "name": "wide", "who": { "certificate": "build-farm" }, "may": { "repositories": ["acme/*"], "images": ["*"], "maxVms": 9 } },
          { "name": "main", "who": { "repository_id": 100 }, "may": { "images": ["*"], "maxVms": 1 } },
        ] }
        """;

    [Theory]
    [InlineData("build-farm", "farm")]
    [InlineData("spare.1", "farm")]
    [InlineData("Build-farm", null)]
    [InlineData("build-farm2", null)]
    [InlineData("build", null)]
    [InlineData("", null)]
    public void A_certificate_gets_what_the_first_rule_of_its_name_gives(string name, string? rule)
    {
        var decision = Policies.Of(Both).DecideCertificate(name);

        Assert.Equal(rule, decision.Grant?.Rule);
        if (decision.Grant is { } grant)
        {
            Assert.True(grant.Covers(RepositoryName.Parse("acme/gpu")));
            Assert.True(grant.Covers(RepositoryName.Parse("tools/any")));
            Assert.False(grant.Covers(RepositoryName.Parse("acme/other")));
            Assert.Equal((3, false), (grant.Limits.MaxVms, grant.Limits.AllowsImage("gpu-12")));
        }
        else
        {
            Assert.Equal($"No rule names the certificate {name}.", decision.Reason);
        }
    }

    [Fact]
    public void A_workflow_fits_no_rule_for_certificates_whatever_its_token_claims_and_hears_of_none()
    {
        var policy = Policies.Of(Both.Replace("\"repository_id\": 100", "\"repository_id\": 999", StringComparison.Ordinal));

        var decision = policy.Decide(Policies.Who(("certificate", "build-farm")));

        Assert.Null(decision.Grant);
        Assert.Equal("No rule names this repository or its owner: repository_id is 100 and repository_owner_id is 10.", decision.Reason);
        Assert.Equal("main", Policies.Of(Both).Decide(Policies.Who(("certificate", "build-farm"))).Rule);
    }

    [Fact]
    public void Who_may_only_see_the_host_needs_no_word_about_VMs_and_gets_none()
    {
        var grant = Policies.Of("""{ "rules": [{ "name": "people", "who": { "certificate": "maria" }, "may": { "role": "viewer" } }] }""").DecideCertificate("maria").Grant!;

        Assert.Equal((HostRole.Viewer, false, false), (grant.Limits.Role, grant.Limits.AllowsImage("debian-12"), grant.Covers(RepositoryName.Parse("acme/gpu"))));
    }

    [Theory]
    [InlineData("viewer", """ "images": ["*"] """, "may.maxVms: missing.", "may.repositories: nothing is no list")]
    [InlineData("viewer", """ "maxVms": 1 """, "may.images: missing or empty.", "may.repositories: nothing is no list")]
    [InlineData("operator", """ "repositories": ["a/b"] """, "may.images: missing or empty.", "may.maxVms: missing.")]
    public void Who_may_see_the_host_and_have_VMs_needs_all_words_about_them(string role, string may, params string[] errors) =>
        Assert.Collection(
            Policies.Errors($$"""{ "rules": [{ "name": "x", "who": { "certificate": "a" }, "may": { "role": "{{role}}", {{may}} } }] }"""),
            [.. errors.Select<string, Action<string>>(error => said => Assert.StartsWith($"rule x: {error}", said, StringComparison.Ordinal))]);

    [Theory]
    [InlineData("""{ "certificate": "a", "repository_id": 1 }""", """ "repositories": ["a/b"], """, "who: a certificate has no claims.")]
    [InlineData("""{ "certificate": "*" }""", """ "repositories": ["a/b"], """, "who.certificate: \"*\" could never fit.")]
    [InlineData("""{ "certificate": "../a" }""", """ "repositories": ["a/b"], """, "who.certificate: \"../a\" could never fit.")]
    [InlineData("""{ "certificate": [] }""", """ "repositories": ["a/b"], """, "who.certificate: an empty list fits nobody.")]
    [InlineData("""{ "certificate": "a" }""", "", "may.repositories: nothing is no list of repositories.")]
    [InlineData("""{ "certificate": "a" }""", """ "repositories": [], """, "may.repositories: [] is no list of repositories.")]
    [InlineData("""{ "certificate": "a" }""", """ "repositories": ["*"], """, "may.repositories: [\"*\"] is no list of repositories.")]
    [InlineData("""{ "certificate": "a" }""", """ "repositories": ["*/*"], """, "may.repositories: [\"*/*\"] is no list of repositories.")]
    [InlineData("""{ "certificate": "a" }""", """ "repositories": "a/b", """, "may.repositories: \"a/b\" is no list of repositories.")]
    [InlineData("""{ "repository_id": 1 }""", """ "repositories": ["a/b"], """, "may.repositories: a workflow has VMs of its own repository only.")]
    public void A_rule_that_mixes_the_two_or_is_too_wide_is_an_error(string who, string may, string error) =>
        Assert.StartsWith($"rule x: {error}", Assert.Single(Policies.Errors($$"""{ "rules": [{ "name": "x", "who": {{who}}, "may": {{{may}} "images": ["*"], "maxVms": 1 } }] }""")), StringComparison.Ordinal);
}
