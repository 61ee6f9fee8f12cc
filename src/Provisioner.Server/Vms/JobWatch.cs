using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Server.Store;

namespace Provisioner.Server.Vms;

/// <summary>
/// The job that runs must be of the run that asked. A label keeps nobody out who knows it, so the jobs of that run are looked through for
/// the runner; where none has it, look after look, another run's job took the VM, and the VM ends. Lists lag: one look proves nothing.
/// </summary>
internal sealed partial class JobWatch(VmTable vms, TimeProvider time, ILogger<JobWatch> logger)
{
    /// <summary>In a pass: as many as are asked about the ends of runs.</summary>
    public const int QuestionsPerPass = 20;

    public const int Looks = 4;

    /// <summary>How long the jobs of a run may lack a runner that works. GitHub is known to be behind by three minutes.</summary>
    public static readonly TimeSpan Lag = TimeSpan.FromMinutes(5);

    private readonly Dictionary<long, Suspicion> _suspicions = []; // by the runner's id, which GitHub never gives twice
    private readonly Dictionary<(RepositoryName Repository, long Run), long> _askedAt = []; // by the monotonic clock, as all times here
    private readonly Dictionary<RepositoryName, long> _blindSince = [];

    /// <exception cref="GitHubException">GitHub does not answer or has no calls to spare: nothing is known, and the next pass asks again.</exception>
    public async Task PassAsync(GitHubRuns runs, CancellationToken cancellationToken)
    {
        var working = vms.Live().Where(IsComparable).ToList();
        Forget(working);
        var due = working
            .Where(vm => _suspicions.GetValueOrDefault(vm.RunnerId!.Value) is not { IsSettled: true })
            .GroupBy(vm => (vm.Repository, Run: vm.Run!.Value.Id))
            .OrderBy(group => _askedAt.GetValueOrDefault(group.Key))
            .Take(QuestionsPerPass);
        foreach (var group in due.ToList())
        {
            if (!IsBlind(group.Key.Repository))
            {
                _askedAt[group.Key] = time.GetTimestamp();
                await LookAsync(runs, group.Key.Repository, group.Key.Run, group, cancellationToken);
            }
        }
    }

    private static bool IsComparable(Vm vm) => vm is { Wanted: Wanted.Present, Run: not null, RunnerId: not null, BusyAt: not null, DoneAt: null };

    private bool IsBlind(RepositoryName repository) =>
        _blindSince.TryGetValue(repository, out var since) && time.GetElapsedTime(since) < RunWatch.Blindness;

    private async Task LookAsync(GitHubRuns runs, RepositoryName repository, long run, IEnumerable<Vm> working, CancellationToken cancellationToken)
    {
        try
        {
            var jobs = await runs.ListJobsAsync(repository, run, cancellationToken);
            foreach (var vm in working)
            {
                Judge(vm, run, jobs);
            }
        }
        catch (GitHubException problem) when (problem.Fault is GitHubFault.Forbidden)
        {
            _blindSince[repository] = time.GetTimestamp();
            LogBlind(repository, problem.Message);
        }
        catch (GitHubException problem) when (problem.Fault is GitHubFault.NotFound)
        {
            LogHidden(run, repository, problem.Message); // a run that GitHub does not show has no jobs to compare with
        }
    }

    private void Judge(Vm vm, long run, RunJobs jobs)
    {
        var runner = vm.RunnerId!.Value;
        var before = _suspicions.GetValueOrDefault(runner) ?? new Suspicion(time.GetTimestamp());
        var seen = _suspicions[runner] = jobs.Runners.Contains(runner) || !jobs.IsWhole
            ? before with { IsSettled = true }
            : jobs.IsClear ? before with { Times = before.Times + 1 } : before;
        if (!jobs.IsClear)
        {
            return; // it runs somewhere, and GitHub has yet to say where
        }

        if (!seen.IsSettled && seen.Times >= Looks && time.GetElapsedTime(seen.Since) >= Lag)
        {
            LogForeign(vm.Id.Value, runner, vm.Repository, run, seen.Times);
            vms.Change(vm.Id, row => IsComparable(row) && row.Run!.Value.Id == run && row.RunnerId == runner ? row.Failed(Foreign(row, run)) : row);
        }
    }

    private void Forget(List<Vm> working)
    {
        var runners = working.Select(vm => vm.RunnerId!.Value).ToHashSet();
        foreach (var gone in _suspicions.Keys.Where(runner => !runners.Contains(runner)).ToList())
        {
            _suspicions.Remove(gone);
        }

        var runs = working.Select(vm => (vm.Repository, vm.Run!.Value.Id)).ToHashSet();
        foreach (var gone in _askedAt.Keys.Where(run => !runs.Contains(run)).ToList())
        {
            _askedAt.Remove(gone);
        }

        foreach (var seeing in _blindSince.Keys.Where(repository => !IsBlind(repository)).ToList())
        {
            _blindSince.Remove(seeing);
        }
    }

    private static VmFailure Foreign(Vm vm, long run) => new(
        ProblemCode.ForeignJob,
        $"A job of another run took the runner: no job of run {run} of {vm.Repository}, which asked for the VM, has it.",
        "See which workflow of the repository names a label of this VM in runs-on. Take runs-on from the output 'label' of the step that creates, and ask for no label that others know.");

    [LoggerMessage(LogLevel.Warning,
        "VM {Vm}: runner {Runner} of {Repository} works, but no job of run {Run}, which asked for it, has it after {Looks} looks: another run's job took it, and the VM ends")]
    private partial void LogForeign(string vm, long runner, RepositoryName repository, long run, int looks);

    [LoggerMessage(LogLevel.Warning,
        "The jobs of {Repository} cannot be read, so nobody compares the run that asked for a VM with the run whose job it got. It is tried again every hour: {Cause}")]
    private partial void LogBlind(RepositoryName repository, string cause);

    [LoggerMessage(LogLevel.Debug, "The jobs of run {Run} of {Repository} cannot be read: {Cause}")]
    private partial void LogHidden(long run, RepositoryName repository, string cause);

    /// <summary>How often the jobs of the run lacked the runner, and since when they are looked through; settled once they had it, or cannot tell.</summary>
    private sealed record Suspicion(long Since)
    {
        public int Times { get; init; }

        public bool IsSettled { get; init; }
    }
}
