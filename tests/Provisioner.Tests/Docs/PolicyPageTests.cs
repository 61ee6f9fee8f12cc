using System.Text;
using System.Text.Json;
using Provisioner.Server.Access;
using Provisioner.Tests.Access;

namespace Provisioner.Tests.Docs;

/// <summary>policy.md knows what the rules know, and its example is one.</summary>
public sealed class PolicyPageTests
{
    private static readonly Page Policy = Page.Read("docs/reference/policy.md");

    [Fact]
    public void The_example_is_taken()
    {
        var (rules, errors) = PolicyFile.Parse(Encoding.UTF8.GetBytes(Assert.Single(Policy.Blocks("jsonc"))));

        Assert.Empty(errors);
        Assert.Equal(["widgets", "acme", "open-benchmarks"], rules!.Select(rule => rule.Name));
    }

    [Fact]
    public void The_first_rule_of_the_guide_lets_in_the_claims_of_the_guide_and_not_those_it_warns_of()
    {
        var guide = Page.Read("docs/how-to/write-a-policy.md");
        var policy = Policies.Of(Assert.Single(guide.Blocks("jsonc")));
        var claims = JsonDocument.Parse(Assert.Single(guide.Blocks("json"))).RootElement.EnumerateObject().Select(claim => (claim.Name, claim.Value.GetString())).ToArray();

        Assert.Equal("widgets", policy.Decide(Policies.Who(claims)).Grant?.Rule);
        Assert.Null(policy.Decide(Policies.Who([.. claims, ("ref", "refs/heads/topic")])).Grant);
        Assert.Null(policy.Decide(Policies.Who([.. claims, ("event_name", "pull_request_target")])).Grant);
        Assert.Null(policy.Decide(Policies.Who([.. claims, ("repository_visibility", "public")])).Grant);
    }

    [Fact]
    public void Each_claim_and_each_limit_is_explained()
    {
        var (_, errors) = PolicyFile.Parse("""{ "rules": [{ "name": "a", "who": { "x": 1, "repository_id": 1 }, "may": { "y": 1, "images": ["*"], "maxVms": 1 } }] }"""u8.ToArray());
        var known = errors.Select(error => error.Split(';')[1].Trim().TrimEnd('.')).SelectMany(list => list.Replace("a rule can name ", "", StringComparison.Ordinal).Replace("known are ", "", StringComparison.Ordinal).Split(", "));

        Assert.All(known, key => Assert.Contains($"`{key}`", Policy.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_events_that_need_no_name_are_those_of_the_page()
    {
        var sentence = Policy.Text[Policy.Text.IndexOf("A rule without `event_name` fits", StringComparison.Ordinal)..];

        Assert.Equal(PolicyClaims.Unwritten[0].Values, sentence[..sentence.IndexOf(':', StringComparison.Ordinal)].Split('`').Where((_, index) => index % 2 == 1).Skip(1));
    }
}
