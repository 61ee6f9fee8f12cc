using Provisioner.Server.Access;

namespace Provisioner.Tests.Access;

/// <summary>The matrix T1: 12 events, 3 visibilities, 2 refs. What is allowed is written out; all else is denied, and the nearest rule is named.</summary>
public sealed class PolicyMatrixTests
{
    private static readonly string[] Events =
    [
        "push", "pull_request", "workflow_dispatch", "schedule", "release", "merge_group",
        "pull_request_target", "workflow_run", "issue_comment", "issues", "discussion_comment", "fork",
    ];

    private static readonly string[] Visibilities = ["private", "internal", "public"];

    private static readonly string[] Refs = ["refs/heads/main", "refs/heads/topic"];

    // A rule that says nothing of events and visibilities; one that names an event; one that names both; one that names a visibility.
    internal const string Rules =
        """
        { "rules": [
          { "name": "main", "who": { "repository_id": 100, "ref": "refs/heads/main" }, "may": { "images": ["*"], "maxVms": 4 } },
          { "name": "labelled", "who": { "repository_id": 100, "event_name": ["pull_request_target"], "ref": "refs/heads/main" }, "may": { "images": ["*"], "maxVms": 1 } },
          { "name": "comments", "who": { "repository_owner_id": 10, "event_name": "issue_comment", "repository_visibility": "public" }, "may": { "images": ["*"], "maxVms": 1 } },
          { "name": "open", "who": { "repository_id": 100, "repository_visibility": ["public"], "event_name": ["schedule"], "ref": "refs/heads/topic" }, "may": { "images": ["*"], "maxVms": 1 } },
          { "name": "others", "who": { "repository_id": 200, "event_name": ["push", "fork"], "repository_visibility": ["public", "private", "internal"] }, "may": { "images": ["*"], "maxVms": 1 } },
        ] }
        """;

    internal static readonly string[] Allowed =
    [
        "push private refs/heads/main: main",
        "push internal refs/heads/main: main",
        "pull_request private refs/heads/main: main",
        "pull_request internal refs/heads/main: main",
        "workflow_dispatch private refs/heads/main: main",
        "workflow_dispatch internal refs/heads/main: main",
        "schedule private refs/heads/main: main",
        "schedule internal refs/heads/main: main",
        "schedule public refs/heads/topic: open",
        "release private refs/heads/main: main",
        "release internal refs/heads/main: main",
        "merge_group private refs/heads/main: main",
        "merge_group internal refs/heads/main: main",
        "pull_request_target private refs/heads/main: labelled",
        "pull_request_target internal refs/heads/main: labelled",
        "issue_comment public refs/heads/main: comments",
        "issue_comment public refs/heads/topic: comments",
    ];

    [Fact]
    public void Of_72_cells_those_are_allowed_that_are_written_here()
    {
        var policy = Policies.Of(Rules);
        var all = Cells().Select(cell => (cell.Cell, Decision: policy.Decide(Policies.Who(cell.Claims.Select(claim => (claim.Claim, (string?)claim.Value)))))).ToList();

        Assert.Equal(72, all.Count);
        Assert.Equal(Allowed, all.Where(cell => cell.Decision.Grant is not null).Select(cell => $"{cell.Cell}: {cell.Decision.Rule}"));
        Assert.All(all.Where(cell => cell.Decision.Grant is null), cell =>
        {
            Assert.NotEqual("others", cell.Decision.Rule); // which is about another repository
            Assert.Contains($"The nearest is {cell.Decision.Rule}, but ", cell.Decision.Reason, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Without_rules_all_72_cells_are_denied() => Assert.All(
        Cells(), cell => Assert.Null(new AccessPolicy().Decide(Policies.Who(cell.Claims.Select(claim => (claim.Claim, (string?)claim.Value)))).Grant));

    internal static IEnumerable<(string Cell, (string Claim, string Value)[] Claims)> Cells() =>
        from name in Events
        from visibility in Visibilities
        from place in Refs
        select ($"{name} {visibility} {place}", new[] { ("event_name", name), ("repository_visibility", visibility), ("ref", place) });
}
