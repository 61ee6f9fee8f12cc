using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Store;

namespace Provisioner.Server.Vms;

/// <summary>
/// Compares the runners that GitHub lists with the VMs that want them. A list alone proves nothing: lists lag. Only what was
/// missing, or too much, several times over some minutes is looked at directly, and only that look decides.
/// </summary>
internal sealed partial class RunnerWatch(VmTable vms, Registrations registrations, TimeProvider time, ILogger<RunnerWatch> logger)
{
    public const int Sightings = 3;

    /// <summary>How long a runner is missing, and its guest has not had a job, before the runner is looked for by its id.</summary>
    public static readonly TimeSpan MissingFor = TimeSpan.FromMinutes(5);

    /// <summary>How long a registration stands that nobody wants.</summary>
    public static readonly TimeSpan StrayFor = TimeSpan.FromMinutes(15);

    private const int ListsPerPass = 20;

    /// <summary>Where no VM lives at present only strays can be found, and they can wait.</summary>
    private static readonly TimeSpan QuietPeriod = TimeSpan.FromMinutes(10);

    private readonly Dictionary<VmId, Sighting> _missing = [];
    private readonly Dictionary<(RepositoryName Repository, long Runner), Sighting> _strays = [];
    private readonly Dictionary<RepositoryName, long> _listedAt = [];

    /// <exception cref="GitHubException">GitHub does not answer or has no calls to spare: nothing is concluded.</exception>
    public async Task PassAsync(GitHubRunners runners, CancellationToken cancellationToken)
    {
        var all = vms.List();
        var live = vms.Live().Where(vm => vm.Warm is null).ToLookup(vm => vm.Repository); // of this host: those of others in a shared store are theirs to judge
        Forget(all, live);
        var due = all.Select(vm => vm.Repository).Distinct()
            .Where(repository => live.Contains(repository) || !_listedAt.TryGetValue(repository, out var at) || time.GetElapsedTime(at) >= QuietPeriod)
            .OrderBy(repository => _listedAt.GetValueOrDefault(repository))
            .Take(ListsPerPass);
        foreach (var repository in due.ToList())
        {
            _listedAt[repository] = time.GetTimestamp();
            try
            {
                await CompareAsync(runners, repository, live[repository], cancellationToken);
            }
            catch (GitHubException problem) when (problem.Fault is GitHubFault.Forbidden or GitHubFault.NotFound)
            {
                LogHidden(repository, problem.Message); // registering says the same aloud
            }
        }
    }

    private async Task CompareAsync(GitHubRunners runners, RepositoryName repository, IEnumerable<Vm> live, CancellationToken cancellationToken)
    {
        var listed = new Dictionary<long, Runner>();
        await foreach (var runner in runners.ListWhenCallsAreSpareAsync(repository, cancellationToken))
        {
            listed[runner.Id] = runner;
        }

        await FindMissingAsync(runners, live, listed, cancellationToken);
        await RemoveStraysAsync(runners, repository, listed, cancellationToken);
    }

    private async Task FindMissingAsync(GitHubRunners runners, IEnumerable<Vm> live, Dictionary<long, Runner> listed, CancellationToken cancellationToken)
    {
        foreach (var vm in live)
        {
            if (!ShouldBeThere(vm) || listed.ContainsKey(vm.RunnerId!.Value))
            {
                _missing.Remove(vm.Id);
                continue;
            }

            var seen = _missing[vm.Id] = Sighting.Again(_missing.GetValueOrDefault(vm.Id), time.GetTimestamp());
            if (seen.Times >= Sightings && time.GetElapsedTime(seen.Since) >= MissingFor && time.GetUtcNow() - vm.OnlineAt >= MissingFor)
            {
                _missing.Remove(vm.Id);
                await LookAsync(runners, vm, vm.RunnerId.Value, cancellationToken);
            }
        }
    }

    /// <summary>A guest that works on a job, or has, is believed whatever GitHub lists.</summary>
    private static bool ShouldBeThere(Vm vm) => vm is { Wanted: Wanted.Present, RunnerId: not null, OnlineAt: not null, BusyAt: null, DoneAt: null };

    private async Task LookAsync(GitHubRunners runners, Vm vm, long runner, CancellationToken cancellationToken)
    {
        if (await runners.GetAsync(vm.Repository, runner, cancellationToken) is null)
        {
            LogMissing(vm.Id.Value, runner, vm.Repository);
            vms.Change(vm.Id, row => ShouldBeThere(row) ? row.Failed(Missing(row)) : row);
        }
    }

    private async Task RemoveStraysAsync(
        GitHubRunners runners, RepositoryName repository, Dictionary<long, Runner> listed, CancellationToken cancellationToken)
    {
        foreach (var key in _strays.Keys.Where(key => key.Repository == repository && !(listed.TryGetValue(key.Runner, out var runner) && IsStray(runner))).ToList())
        {
            _strays.Remove(key);
        }

        foreach (var stray in listed.Values.Where(IsStray))
        {
            var seen = _strays[(repository, stray.Id)] = Sighting.Again(_strays.GetValueOrDefault((repository, stray.Id)), time.GetTimestamp());
            if (seen.Times >= Sightings && time.GetElapsedTime(seen.Since) >= StrayFor
                && await runners.GetAsync(repository, stray.Id, cancellationToken) is { } still && IsStray(still))
            {
                LogStray(stray.Name, stray.Id, repository);
                await runners.RemoveAsync(repository, stray.Id, cancellationToken);
            }
        }
    }

    /// <summary>Ours beyond doubt, good for nothing, and wanted by no row. What lacks any of it is not touched.</summary>
    private bool IsStray(Runner runner) =>
        runner is { Online: false, Busy: false, Ephemeral: true } && runner.Has(registrations.Mark)
        && VmId.TryParse(runner.Name, out var id) && (runner.Has(id.Value) || runner.Labels.Any(OwnLabel.Is)) && vms.Find(id) is null or { GoneAt: not null };

    private void Forget(IReadOnlyList<Vm> all, ILookup<RepositoryName, Vm> live)
    {
        var ids = live.SelectMany(group => group).Select(vm => vm.Id).ToHashSet();
        foreach (var gone in _missing.Keys.Where(id => !ids.Contains(id)).ToList())
        {
            _missing.Remove(gone);
        }

        var repositories = all.Select(vm => vm.Repository).ToHashSet();
        foreach (var gone in _listedAt.Keys.Where(repository => !repositories.Contains(repository)).ToList())
        {
            _listedAt.Remove(gone);
        }
    }

    private static VmFailure Missing(Vm vm) => new(
        ProblemCode.RunnerMissing,
        $"GitHub has no runner {vm.RunnerId} of {vm.Repository} any more, though its VM has had no job yet.",
        "See whether somebody removed the runner in the repository's settings.");

    [LoggerMessage(LogLevel.Debug, "The runners of {Repository} cannot be listed: {Cause}")]
    private partial void LogHidden(RepositoryName repository, string cause);

    [LoggerMessage(LogLevel.Warning, "GitHub has no runner {Runner} of {Repository} any more, so no job can come for VM {Vm}")]
    private partial void LogMissing(string vm, long runner, RepositoryName repository);

    [LoggerMessage(LogLevel.Warning, "Found runner {Runner} ({Name}) of {Repository}, which this server registered and nobody wants; removing it")]
    private partial void LogStray(string name, long runner, RepositoryName repository);

    /// <summary>How often something was seen, and since when by the monotonic clock.</summary>
    private sealed record Sighting(int Times, long Since)
    {
        public static Sighting Again(Sighting? before, long now) => new((before?.Times ?? 0) + 1, before?.Since ?? now);
    }
}
