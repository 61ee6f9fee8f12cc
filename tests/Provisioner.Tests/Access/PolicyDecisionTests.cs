namespace Provisioner.Tests.Access;

/// <summary>Which rule counts, what it grants, and what who is denied is told.</summary>
public sealed class PolicyDecisionTests
{
    private const string Any = """ "may": { "images": ["*"], "maxVms": 1 } """;

    [Fact]
    public void The_first_rule_that_fits_counts_and_grants_its_limits_for_the_callers_own_repository()
    {
        var policy = Policies.Of(
            """
            { "rules": [
              { "name": "other", "who": { "repository_id": 7 }, "may": { "images": ["*"], "maxVms": 9 } },
              { "name": "first", "who": { "repository_owner_id": ["10"] },
                "may": { "images": ["debian-12"], "maxVms": 3, "cpus": 4, "memory": 4096, "disk": 32768, "lifetime": "01:30:00", "hardware": ["gpu0"], "labels": ["*"] } },
              { "name": "second", "who": { "repository_id": 100 }, "may": { "images": ["*"], "maxVms": 9 } }, // more, but later
            ] }
            """);

        var decision = policy.Decide(Policies.Who());

        Assert.Equal(("first", "first", "The rule first allows it."), (decision.Rule, decision.Grant!.Rule, decision.Reason));
        Assert.Equal(["acme/gpu"], decision.Grant.Repositories);
        var limits = decision.Grant.Limits;
        Assert.Equal((3, 4, 4096, 32768, TimeSpan.FromMinutes(90)), (limits.MaxVms, limits.Cpus, limits.Memory, limits.Disk, limits.Lifetime));
        Assert.Equal("debian-12", Assert.Single(limits.Images!));
        Assert.Equal("gpu0", Assert.Single(limits.Hardware!));
        Assert.Null(limits.Labels); // all of them: it says so
    }

    [Fact]
    public void What_a_rule_does_not_name_it_does_not_give()
    {
        var limits = Policies.Of($$"""{ "rules": [{ "name": "a", "who": { "repository_id": 100 }, {{Any}} }] }""").Decide(Policies.Who()).Grant!.Limits;

        Assert.Empty(limits.Hardware!);
        Assert.Empty(limits.Labels!);
        Assert.Equal((null, null, null, null, null), (limits.Images, limits.Cpus, limits.Memory, limits.Disk, limits.Lifetime)); // what the server gives
    }

    [Theory]
    [InlineData("repository_id", "1000")]
    [InlineData("repository_id", "10")]
    [InlineData("repository_id", null)]
    [InlineData("repository_owner_id", "11")]
    [InlineData("event_name", null)]
    [InlineData("event_name", "Push")]
    [InlineData("event_name", "a_new_event_of_next_year")]
    [InlineData("repository_visibility", null)]
    [InlineData("repository_visibility", "public")]
    [InlineData("ref", "refs/heads/main2")]
    [InlineData("ref", "refs/heads/Main")]
    [InlineData("ref", "refs/heads/release")]
    [InlineData("ref", "refs/tags/main")]
    [InlineData("ref", null)]
    [InlineData("environment", null)]
    [InlineData("environment", "production ")]
    [InlineData("job_workflow_ref", "acme/gpu/.github/workflows/ci.yml@refs/heads/topic")]
    [InlineData("job_workflow_ref", "evil/acme/gpu/.github/workflows/ci.yml@refs/heads/main")]
    public void Every_claim_of_a_rule_must_fit_exactly(string claim, string? value)
    {
        var policy = Policies.Of(
            $$"""
            { "rules": [{ "name": "a", "who": {
                "repository_id": "100", "repository_owner_id": 10, "ref": ["refs/heads/main", "refs/heads/release/*"], "environment": ["production"],
                "job_workflow_ref": ["acme/gpu/.github/workflows/ci.yml@refs/heads/main"], "ref_protected": true }, {{Any}} }] }
            """);
        var production = ("environment", "production");

        Assert.NotNull(policy.Decide(Policies.Who(production)).Grant);
        Assert.NotNull(policy.Decide(Policies.Who(production, ("ref", "refs/heads/release/1.2"))).Grant);
        Assert.Null(policy.Decide(Policies.Who(production, (claim, value))).Grant);
    }

    [Fact]
    public void Who_is_denied_is_told_what_of_its_claims_does_not_fit_the_nearest_rule_and_not_what_that_wants()
    {
        var policy = Policies.Of(
            $$"""
            { "rules": [
              { "name": "far", "who": { "repository_id": 100, "ref": "refs/heads/secret-branch", "environment": "secret-place", "actor_id": 31337 }, {{Any}} },
              { "name": "near", "who": { "repository_owner_id": 10, "environment": "secret-place" }, {{Any}} },
              { "name": "foreign", "who": { "repository_id": 7 }, {{Any}} },
            ] }
            """);

        var decision = policy.Decide(Policies.Who(("event_name", "issue_comment")));

        Assert.Equal((null, "near"), (decision.Grant, decision.Rule));
        Assert.Equal(
            "No rule allows it. The nearest is near, but the token has no environment, and event_name is issue_comment, which fits only a rule that names it.",
            decision.Reason);
    }

    [Fact]
    public void Who_no_rule_names_learns_nothing_of_any()
    {
        var policy = Policies.Of(
            $$"""
            { "rules": [
              { "name": "foreign", "who": { "repository_id": 7 }, {{Any}} },
              { "name": "foreign-owner", "who": { "repository_owner_id": 8, "repository_id": 100 }, {{Any}} },
            ] }
            """);

        var decision = policy.Decide(Policies.Who());

        Assert.Equal("", decision.Rule);
        Assert.Equal("No rule names this repository or its owner: repository_id is 100 and repository_owner_id is 10.", decision.Reason);
    }

    [Fact]
    public void Names_that_others_chose_cannot_forge_a_line_or_move_a_cursor()
    {
        var policy = Policies.Of($$"""{ "rules": [{ "name": "a", "who": { "repository_id": 100, "environment": "production" }, {{Any}} }] }""");

        var reason = policy.Decide(Policies.Who(("environment", "\u001b[2J\r\n::error::x\u202e" + new string('a', 1000)))).Reason;

        Assert.DoesNotContain(reason, text => char.IsControl(text) || text == '\u202e');
        Assert.Contains(@"\u001b[2J\u000d\u000a::error::x\u202e", reason, StringComparison.Ordinal);
        Assert.InRange(reason.Length, 200, 400);
    }
}
