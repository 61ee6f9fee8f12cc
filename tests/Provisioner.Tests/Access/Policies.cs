using System.Text;
using Provisioner.GitHub;
using Provisioner.Server.Access;

namespace Provisioner.Tests.Access;

/// <summary>Policies from their text, and workflows that ask.</summary>
internal static class Policies
{
    public static IReadOnlyList<PolicyRule> Rules(string json)
    {
        var (rules, errors) = PolicyFile.Parse(Encoding.UTF8.GetBytes(json));
        Assert.Empty(errors);
        return rules!;
    }

    public static AccessPolicy Of(string json)
    {
        var policy = new AccessPolicy();
        policy.Take(Rules(json));
        return policy;
    }

    public static IReadOnlyList<string> Errors(string json)
    {
        var (rules, errors) = PolicyFile.Parse(Encoding.UTF8.GetBytes(json));
        Assert.Equal(errors.Count == 0, rules is not null);
        return errors;
    }

    /// <summary>A push to main of the private repository acme/gpu, but for some claims; one that is null is left out.</summary>
    public static WorkflowIdentity Who(params IEnumerable<(string Claim, string? Value)> other)
    {
        var claims = new Dictionary<string, string?>
        {
            ["repository"] = "acme/gpu",
            ["repository_id"] = "100",
            ["repository_owner"] = "acme",
            ["repository_owner_id"] = "10",
            ["repository_visibility"] = "private",
            ["event_name"] = "push",
            ["ref"] = "refs/heads/main",
            ["ref_type"] = "branch",
            ["ref_protected"] = "true",
            ["job_workflow_ref"] = "acme/gpu/.github/workflows/ci.yml@refs/heads/main",
            ["runner_environment"] = "github-hosted",
            ["sub"] = "repo:acme/gpu:ref:refs/heads/main",
        };
        foreach (var (claim, value) in other)
        {
            claims[claim] = value;
        }

        return new WorkflowIdentity(
            RepositoryName.Parse("acme/gpu"), RunId: 1, RunAttempt: 1, TokenId: "jti", DateTimeOffset.MaxValue,
            claims.Where(claim => claim.Value is not null).ToDictionary(claim => claim.Key, claim => claim.Value!));
    }
}
