using System.Collections.Concurrent;
using System.Net;

namespace Provisioner.GitHub;

/// <summary>
/// What has become of workflow runs. Asking can always wait: while an account's calls run low, what makes and removes runners
/// goes first. An answer is asked for again with its version, so that an unchanged one costs nothing.
/// </summary>
public sealed class GitHubRuns
{
    private const int MostKept = 1000;
    private const int JobsOfPage = 100;
    private const int MostJobPages = 10;

    private readonly GitHubRest rest;
    private readonly GitHubCredential credential;
    private readonly ConcurrentDictionary<(string Repository, WorkflowRun Run), (string Version, RunState State)> known = new();

    internal GitHubRuns(GitHubRest rest, GitHubCredential credential) => (this.rest, this.credential) = (rest, credential);

    /// <exception cref="GitHubException">
    /// NotFound: there is no such run, or it is hidden. Forbidden: the credential may not read runs. RateLimited: later. Others: GitHub failed.
    /// </exception>
    public async Task<RunState> GetAsync(RepositoryName repo, WorkflowRun run, CancellationToken cancellationToken)
    {
        var key = (repo.ToString(), run);
        var before = known.TryGetValue(key, out var kept) ? kept : default;
        var call = new RestCall(HttpMethod.Get, $"repos/{repo}/actions/runs/{run.Id}/attempts/{run.Attempt}")
        {
            MayRepeat = true,
            Deferrable = true,
            KnownVersion = before.Version,
            Account = credential.AccountOf(repo),
        };
        var reply = await SendAsync(repo, call, cancellationToken);
        return reply.Status switch
        {
            HttpStatusCode.NotModified when before.State is not null => before.State,
            HttpStatusCode.OK => Keep(key, reply),
            HttpStatusCode.Forbidden => throw MayNotRead(repo, reply),
            _ => throw Refusal.Of(reply, repo),
        };
    }

    /// <summary>The runners of all jobs of a run, over all its attempts.</summary>
    /// <exception cref="GitHubException">As for <see cref="GetAsync"/>.</exception>
    public async Task<RunJobs> ListJobsAsync(RepositoryName repo, long run, CancellationToken cancellationToken)
    {
        var runners = new HashSet<long>();
        var isClear = true;
        for (var number = 1; number <= MostJobPages; number++)
        {
            var call = new RestCall(HttpMethod.Get, $"repos/{repo}/actions/runs/{run}/jobs?filter=all&per_page={JobsOfPage}&page={number}")
            {
                MayRepeat = true,
                Deferrable = true,
                Account = credential.AccountOf(repo),
            };
            var reply = await SendAsync(repo, call, cancellationToken);
            if (reply.Status != HttpStatusCode.OK)
            {
                throw reply.Status == HttpStatusCode.Forbidden ? MayNotRead(repo, reply) : Refusal.Of(reply, repo);
            }

            var page = reply.Read(GitHubJson.Default.WireJobPage);
            isClear &= !page.Jobs.Any(job => job.IsUnclear);
            runners.UnionWith(page.Jobs.Where(job => job.RunnerId is not null).Select(job => job.RunnerId!.Value));
            if (page.Jobs.Count < JobsOfPage || number * JobsOfPage >= page.TotalCount)
            {
                return new RunJobs(runners, IsWhole: true, isClear);
            }
        }

        return new RunJobs(runners, IsWhole: false, isClear);
    }

    private static GitHubException MayNotRead(RepositoryName repo, RestReply reply) => new(
        GitHubFault.Forbidden,
        $"The credential may not read the workflow runs of {repo} ({reply.Said}). It needs the repository permission 'Actions: read'.");

    private async Task<RestReply> SendAsync(RepositoryName repo, RestCall call, CancellationToken cancellationToken)
    {
        var reply = await rest.SendAsync(call, await credential.GetRunTokenAsync(repo, cancellationToken), cancellationToken);
        return reply.Status == HttpStatusCode.Unauthorized && credential.Forget(repo)
            ? await rest.SendAsync(call, await credential.GetRunTokenAsync(repo, cancellationToken), cancellationToken)
            : reply;
    }

    private RunState Keep((string Repository, WorkflowRun Run) key, RestReply reply)
    {
        var read = reply.Read(GitHubJson.Default.WireRun);
        var state = new RunState(IsOver: read.Status == "completed", read.Conclusion);
        if (reply.Version is { } version)
        {
            if (known.Count >= MostKept)
            {
                known.Clear(); // runs end without telling us; forgetting one costs one call
            }
            known[key] = (version, state);
        }
        return state;
    }
}
