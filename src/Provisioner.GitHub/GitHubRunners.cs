using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Provisioner.GitHub;

/// <summary>The self-hosted runners of repositories: register one for a single job, find, list, remove.</summary>
public sealed partial class GitHubRunners(
    HttpClient http, GitHubCredential credential, GitHubEndpoints endpoints, TimeProvider time, ILogger<GitHubRunners> logger)
{
    private const int PageSize = 100;
    private const int RegistrationAttempts = 3;
    private const int DefaultGroup = 1; // the only group a repository has

    private readonly GitHubRest rest = new(http, endpoints, time, logger);
    private GitHubRuns? runs;

    /// <summary>The workflow runs of the same repositories, asked for within the same limits.</summary>
    public GitHubRuns Runs => runs ??= new GitHubRuns(rest, credential);

    /// <summary>
    /// Registers a single-use runner. The call is never blindly repeated, because a registration whose answer was lost exists all
    /// the same: what it left is looked up, removed if it is surely ours and unused, and only then asked for again.
    /// </summary>
    /// <exception cref="GitHubException">GitHub refused, failed, or has a runner of that name that is not ours to remove.</exception>
    public async Task<RegisteredRunner> RegisterAsync(
        RepositoryName repo, string name, IReadOnlyList<string> labels, CancellationToken cancellationToken)
    {
        var request = new WireJitRequest(name, DefaultGroup, labels, "_work");
        var body = JsonSerializer.SerializeToUtf8Bytes(request, GitHubJson.Default.WireJitRequest);
        var removed = false;
        for (var attempt = 1; ; attempt++)
        {
            var (reply, failure) = await TryRegisterAsync(repo, body, cancellationToken);
            if (reply is not null)
            {
                return reply;
            }
            var leftover = await FindAsync(repo, name, cancellationToken);
            if (leftover is not null && (removed || !leftover.IsUnusedRegistrationOf(name, labels)))
            {
                throw NameTaken(repo, name);
            }
            if (attempt == RegistrationAttempts || (leftover is null && failure!.Fault == GitHubFault.NameTaken))
            {
                throw failure!;
            }
            if (leftover is not null)
            {
                removed = await RemoveAsync(repo, leftover.Id, cancellationToken) != RunnerRemoval.Busy ? true : throw NameTaken(repo, name);
                LogRemovedLeftover(repo, name, leftover.Id);
            }
            await rest.PauseAsync(attempt, cancellationToken);
        }
    }

    public async Task<Runner?> FindAsync(RepositoryName repo, string name, CancellationToken cancellationToken)
    {
        var page = await ReadPageAsync(repo, $"?per_page={PageSize}&name={Uri.EscapeDataString(name)}", deferrable: false, cancellationToken);
        // The filter is not known to every GitHub Enterprise Server: one that ignores it answers with other runners.
        return page.Runners.FirstOrDefault(runner => string.Equals(runner.Name, name, StringComparison.OrdinalIgnoreCase))?.ToRunner()
            ?? (page.TotalCount > page.Runners.Count ? await SearchAsync(repo, name, cancellationToken) : null);
    }

    public async Task<Runner?> GetAsync(RepositoryName repo, long id, CancellationToken cancellationToken)
    {
        var reply = await SendAsync(repo, Repeatable(HttpMethod.Get, repo, $"/{id}"), cancellationToken);
        return reply.Status switch
        {
            HttpStatusCode.OK => reply.Read(GitHubJson.Default.WireRunner).ToRunner(),
            HttpStatusCode.NotFound => null,
            _ => throw Refusal.Of(reply, repo),
        };
    }

    public IAsyncEnumerable<Runner> ListAsync(RepositoryName repo, CancellationToken cancellationToken) => ListAsync(repo, deferrable: false, cancellationToken);

    /// <summary>The same, for those who can do without it while the account's calls run low.</summary>
    public IAsyncEnumerable<Runner> ListWhenCallsAreSpareAsync(RepositoryName repo, CancellationToken cancellationToken) =>
        ListAsync(repo, deferrable: true, cancellationToken);

    private async IAsyncEnumerable<Runner> ListAsync(RepositoryName repo, bool deferrable, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Runners come and go while the pages are read, so one may be seen twice, or a full page may be the last.
        var seen = new HashSet<long>();
        for (var number = 1; ; number++)
        {
            var page = await ReadPageAsync(repo, $"?per_page={PageSize}&page={number}", deferrable, cancellationToken);
            foreach (var runner in page.Runners.Where(runner => seen.Add(runner.Id)))
            {
                yield return runner.ToRunner();
            }
            if (page.Runners.Count < PageSize || number * PageSize >= page.TotalCount)
            {
                yield break;
            }
        }
    }

    /// <summary>
    /// Removes what a registration whose answer was lost may have left: a runner of this name that has exactly these labels and never
    /// connected. One that somebody else made is not touched.
    /// </summary>
    public async Task<RunnerRemoval> RemoveUnusedAsync(RepositoryName repo, string name, IReadOnlyList<string> labels, CancellationToken cancellationToken) =>
        await FindAsync(repo, name, cancellationToken) is { } found && found.IsUnusedRegistrationOf(name, labels)
            ? await RemoveAsync(repo, found.Id, cancellationToken)
            : RunnerRemoval.AlreadyGone;

    public async Task<RunnerRemoval> RemoveAsync(RepositoryName repo, long id, CancellationToken cancellationToken)
    {
        var reply = await SendAsync(repo, Repeatable(HttpMethod.Delete, repo, $"/{id}"), cancellationToken);
        return reply.Status switch
        {
            HttpStatusCode.NoContent or HttpStatusCode.OK => RunnerRemoval.Removed,
            // A repository that we may not see (any more) answers 404 to everything: only the list tells whether the runner is gone.
            HttpStatusCode.NotFound => await IsShownAsync(repo, cancellationToken) ? RunnerRemoval.AlreadyGone : RunnerRemoval.Unseen,
            HttpStatusCode.UnprocessableEntity => RunnerRemoval.Busy,
            _ when IsStillRunning(reply) => RunnerRemoval.Busy,
            _ => throw Refusal.Of(reply, repo),
        };
    }

    private async Task<bool> IsShownAsync(RepositoryName repo, CancellationToken cancellationToken)
    {
        var reply = await SendAsync(repo, Repeatable(HttpMethod.Get, repo, "?per_page=1"), cancellationToken);
        return reply.Status switch
        {
            HttpStatusCode.OK => true,
            HttpStatusCode.NotFound => false,
            _ => throw Refusal.Of(reply, repo),
        };
    }

    private static bool IsStillRunning(RestReply reply) =>
        reply.Status is HttpStatusCode.BadRequest or HttpStatusCode.Conflict
        && reply.Words().Contains("running", StringComparison.OrdinalIgnoreCase);

    private static GitHubException NameTaken(RepositoryName repo, string name) => new(
        GitHubFault.NameTaken,
        $"{repo} has a runner named '{name}' that is in use or was not made by us, so it is left alone. Use another name.");

    /// <summary>Gives the runner, or the failure after which one may exist; throws where surely none was made.</summary>
    private async Task<(RegisteredRunner? Runner, GitHubException? Failure)> TryRegisterAsync(
        RepositoryName repo, byte[] body, CancellationToken cancellationToken)
    {
        var call = new RestCall(HttpMethod.Post, $"repos/{repo}/actions/runners/generate-jitconfig")
        {
            Body = body,
            MayRepeat = false,
            Account = credential.AccountOf(repo),
            Registers = true,
        };
        try
        {
            var reply = await SendAsync(repo, call, cancellationToken);
            if (reply.Status == HttpStatusCode.Created)
            {
                var made = reply.Read(GitHubJson.Default.WireJitReply);
                return (new RegisteredRunner(made.Runner.Id, made.EncodedJitConfig), null);
            }
            var refusal = Refusal.Of(reply, repo);
            return refusal.Fault is GitHubFault.NameTaken or GitHubFault.ServerError ? (null, refusal) : throw refusal;
        }
        catch (GitHubException e) when (e.Fault is GitHubFault.Unreachable or GitHubFault.ServerError && !Refusal.SurelyNotSent(e))
        {
            return (null, e);
        }
    }

    private RestCall Repeatable(HttpMethod method, RepositoryName repo, string rest) =>
        new(method, $"repos/{repo}/actions/runners{rest}") { MayRepeat = true, Account = credential.AccountOf(repo) };

    private async Task<WireRunnerPage> ReadPageAsync(RepositoryName repo, string query, bool deferrable, CancellationToken cancellationToken)
    {
        var reply = await SendAsync(repo, Repeatable(HttpMethod.Get, repo, query) with { Deferrable = deferrable }, cancellationToken);
        return reply.Status == HttpStatusCode.OK ? reply.Read(GitHubJson.Default.WireRunnerPage) : throw Refusal.Of(reply, repo);
    }

    private async Task<Runner?> SearchAsync(RepositoryName repo, string name, CancellationToken cancellationToken)
    {
        await foreach (var runner in ListAsync(repo, cancellationToken))
        {
            if (string.Equals(runner.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return runner;
            }
        }
        return null;
    }

    private async Task<RestReply> SendAsync(RepositoryName repo, RestCall call, CancellationToken cancellationToken)
    {
        var reply = await rest.SendAsync(call, await credential.GetTokenAsync(repo, cancellationToken), cancellationToken);
        // An installation token can be revoked before its time. What was refused with 401 was not done, so it may be asked again.
        return reply.Status == HttpStatusCode.Unauthorized && credential.Forget(repo)
            ? await rest.SendAsync(call, await credential.GetTokenAsync(repo, cancellationToken), cancellationToken)
            : reply;
    }

    [LoggerMessage(LogLevel.Warning, "Removed runner {Id} ({Name}) of {Repository}: a registration whose answer was lost had left it")]
    private partial void LogRemovedLeftover(RepositoryName repository, string name, long id);
}
