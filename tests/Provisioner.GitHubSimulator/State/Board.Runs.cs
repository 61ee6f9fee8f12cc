using Provisioner.GitHubSimulator.Rest;

namespace Provisioner.GitHubSimulator.State;

internal sealed partial class Board
{
    /// <summary>Makes a run, or says how far it has come. Kept in memory only.</summary>
    public SimulatedRun SetRun(string repository, long id, int attempt, string status, string? conclusion = null)
    {
        lock (gate)
        {
            return runs[(repository.ToLowerInvariant(), id, attempt)] = new SimulatedRun(id, attempt, status, conclusion);
        }
    }

    /// <summary>Null where there is none; without an attempt the newest one.</summary>
    public SimulatedRun? Run(string repository, long id, int? attempt)
    {
        lock (gate)
        {
            var made = runs.Where(run => run.Key.Id == id && string.Equals(run.Key.Repository, repository, StringComparison.OrdinalIgnoreCase))
                .Select(run => run.Value)
                .Where(run => attempt is null || run.Attempt == attempt)
                .MaxBy(run => run.Attempt);
            return made ?? (attempt is null or 1 && JobOf(repository, id) is { } job
                ? new SimulatedRun(id, 1, JobEndpoints.Status(job), job.Conclusion)
                : null);
        }
    }

    private SimulatedJob? JobOf(string repository, long run) => jobs.Values.FirstOrDefault(job =>
        job.RunId == run && string.Equals(job.Repository, repository, StringComparison.OrdinalIgnoreCase));
}
