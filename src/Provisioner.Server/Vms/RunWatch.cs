using Provisioner.GitHub;
using Provisioner.Server.Store;

namespace Provisioner.Server.Vms;

/// <summary>
/// When the workflow run that a VM is for is over, the VM goes, even if nobody deletes it. One question for each run, however
/// many VMs it has, and a bounded number of them; a run whose end is known is not asked for again.
/// </summary>
internal sealed partial class RunWatch(VmTable vms, TimeProvider time, ILogger<RunWatch> logger)
{
    /// <summary>1,200 an hour at one pass a minute: less than a quarter of what a token may ask.</summary>
    public const int QuestionsPerPass = 20;

    /// <summary>The guest knows better than GitHub's list of runs whether its runner works; but not for ever.</summary>
    public static readonly TimeSpan BusyGrace = TimeSpan.FromMinutes(5);

    /// <summary>How long nobody asks about what the credential may not see.</summary>
    public static readonly TimeSpan Blindness = TimeSpan.FromHours(1);

    private readonly Dictionary<(RepositoryName Repository, WorkflowRun Run), Watched> _watched = [];
    private readonly Dictionary<RepositoryName, long> _blindSince = []; // by the monotonic clock, as all times here: a clock that is set ends no VM
    private readonly HashSet<RepositoryName> _told = [];

    /// <exception cref="GitHubException">GitHub does not answer or has no calls to spare: nothing is known, and the next pass asks again.</exception>
    public async Task PassAsync(GitHubRuns runs, CancellationToken cancellationToken)
    {
        var wanted = vms.Live()
            .Where(vm => vm is { Wanted: Wanted.Present, Run: not null })
            .ToLookup(vm => (vm.Repository, Run: vm.Run!.Value));
        foreach (var finished in _watched.Keys.Where(key => !wanted.Contains(key)).ToList())
        {
            _watched.Remove(finished);
        }

        foreach (var over in wanted.Where(group => _watched.TryGetValue(group.Key, out var known) && known.Over is not null))
        {
            End(over.Key, over);
        }

        var due = wanted.Where(group => IsDue(group.Key)).OrderBy(group => _watched.GetValueOrDefault(group.Key)?.AskedAt).Take(QuestionsPerPass).ToList();
        foreach (var group in due.Where(group => IsDue(group.Key)))
        {
            await AskAsync(runs, group.Key, cancellationToken);
            End(group.Key, group);
        }
    }

    private bool IsDue((RepositoryName Repository, WorkflowRun Run) key) =>
        !(_blindSince.TryGetValue(key.Repository, out var blind) && time.GetElapsedTime(blind) < Blindness)
        && !(_watched.TryGetValue(key, out var known) && (known.Over is not null || (known.IsHidden && time.GetElapsedTime(known.AskedAt) < Blindness)));

    private async Task AskAsync(GitHubRuns runs, (RepositoryName Repository, WorkflowRun Run) key, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        _watched[key] = new Watched(now);
        try
        {
            var state = await runs.GetAsync(key.Repository, key.Run, cancellationToken);
            _told.Remove(key.Repository);
            _watched[key] = new Watched(now) { Over = state.IsOver ? state : null };
        }
        catch (GitHubException problem) when (problem.Fault == GitHubFault.Forbidden)
        {
            _blindSince[key.Repository] = now;
            TellOnce(key, problem);
        }
        catch (GitHubException problem) when (problem.Fault == GitHubFault.NotFound)
        {
            // Hidden, or deleted, or a number that somebody made up: says nothing about the other runs of the repository.
            _watched[key] = new Watched(now) { IsHidden = true };
            TellOnce(key, problem);
        }
    }

    private void TellOnce((RepositoryName Repository, WorkflowRun Run) key, GitHubException problem)
    {
        if (_told.Add(key.Repository))
        {
            LogBlind(key.Repository, key.Run.Id, problem.Message);
        }
    }

    private void End((RepositoryName Repository, WorkflowRun Run) key, IEnumerable<Vm> ofRun)
    {
        if (_watched.GetValueOrDefault(key) is not { Over: { } over } watched)
        {
            return;
        }

        var graceIsOver = time.GetElapsedTime(watched.AskedAt) >= BusyGrace;
        foreach (var vm in ofRun)
        {
            var after = vms.Change(vm.Id, row => row.Run == key.Run && (graceIsOver || row is not { BusyAt: not null, DoneAt: null })
                ? row.NotWanted($"Its workflow run {key.Run.Id} is over ({over.Conclusion ?? "completed"}).")
                : row);
            if (vm.Wanted != after?.Wanted)
            {
                LogOver(vm.Id.Value, key.Run.Id, key.Repository);
            }
        }
    }

    [LoggerMessage(LogLevel.Information, "The workflow run {Run} of {Repository} is over, so VM {Vm} goes")]
    private partial void LogOver(string vm, long run, RepositoryName repository);

    [LoggerMessage(LogLevel.Warning,
        "GitHub does not show the workflow run {Run} of {Repository}, so the end of runs there does not end their VMs; lifetimes and timeouts do. "
        + "It is asked again every hour, and this is said once: {Cause}")]
    private partial void LogBlind(RepositoryName repository, long run, string cause);

    /// <summary>What is known of a run; <see cref="Over"/> is set once it has ended, and nobody asks again.</summary>
    private sealed record Watched(long AskedAt)
    {
        public RunState? Over { get; init; }

        public bool IsHidden { get; init; }
    }
}
