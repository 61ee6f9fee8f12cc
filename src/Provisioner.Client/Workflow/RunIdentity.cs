using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Provisioner.Client.Text;
using Provisioner.Contracts;

namespace Provisioner.Client.Workflow;

/// <summary>
/// Names a VM by the workflow run that asks for it. Known before the VM exists, so that it can be deleted by a job that got no
/// outputs because the creating one was cancelled. The job is not part of it: another job deletes than creates.
/// </summary>
internal sealed record RunIdentity(string ServerUrl, string Repository, string RunId, string Attempt)
{
    private const int LongestName = 16;

    public static RunIdentity? From(IReadOnlyDictionary<string, string> environment) =>
        environment.GetValueOrDefault("GITHUB_REPOSITORY") is { Length: > 0 } repository && environment.GetValueOrDefault("GITHUB_RUN_ID") is { Length: > 0 } run
            ? new RunIdentity(
                environment.GetValueOrDefault("GITHUB_SERVER_URL") ?? "https://github.com", repository, run,
                environment.GetValueOrDefault("GITHUB_RUN_ATTEMPT") is { Length: > 0 } attempt ? attempt : "1")
            : null;

    /// <summary>The run as the server may watch it; null where the VM is for another repository, whose runs this one is not among.</summary>
    public WorkflowRunReference? ReferenceFor(string? repository) =>
        string.Equals(repository, Repository, StringComparison.OrdinalIgnoreCase)
        && long.TryParse(RunId, NumberStyles.None, CultureInfo.InvariantCulture, out var run) && run > 0
        && int.TryParse(Attempt, NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) && attempt > 0
            ? new WorkflowRunReference { Id = run, Attempt = attempt }
            : null;

    /// <summary>Repository, run, attempt and name for people, and six digits of a hash over all of them whole, because slugs drop what they cannot hold.</summary>
    public string IdFor(string prefix, string name)
    {
        var slug = Slug.From(name, LongestName);
        var tail = $"{Slug.From(RunId)}-{Slug.From(Attempt)}{(slug.Length > 0 ? "-" : "")}{slug}-{Hash(name)[..6]}";
        var head = Slug.From(prefix + Repository.Split('/')[^1], Math.Max(0, Slug.MaxLength - 1 - tail.Length));
        return Slug.From($"{head}-{tail}");
    }

    private string Hash(string name)
    {
        var whole = string.Join('\n', ServerUrl.ToLowerInvariant(), Repository.ToLowerInvariant(), RunId, Attempt, name);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)))[..16];
    }
}
