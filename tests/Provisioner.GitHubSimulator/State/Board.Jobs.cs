namespace Provisioner.GitHubSimulator.State;

internal sealed partial class Board
{
    // GitHub gives a runner this long to take the job that it was offered.
    private static readonly TimeSpan OfferTime = TimeSpan.FromSeconds(60);

    /// <summary>How long after its start a job is listed without its runner, as if it still waited.</summary>
    public TimeSpan JobLag { get; set; }

    /// <summary>Whether jobs that run are listed without saying where.</summary>
    public bool HidesRunners { get; set; }

    /// <summary>The jobs of a run as the REST API lists them, which is a little behind; null where there is no such run.</summary>
    public IReadOnlyList<SimulatedJob>? JobsOfRun(string repository, long run, int? attempt)
    {
        lock (gate)
        {
            Sweep();
            var ofRun = attempt is null or 1
                ? jobs.Values.Where(job => job.RunId == run && string.Equals(job.Repository, repository, StringComparison.OrdinalIgnoreCase)).OrderBy(job => job.Id).ToList()
                : [];
            return ofRun.Count == 0 && Run(repository, run, attempt) is null
                ? null
                : [.. ofRun.Select(job => job.StartedAt + JobLag > time.GetUtcNow() ? job with { State = JobState.Queued, RunnerId = null, RunnerName = null }
                    : HidesRunners ? job with { RunnerId = null, RunnerName = null }
                    : job)];
        }
    }

    /// <param name="repository">Whose job it is.</param>
    /// <param name="labels">What its runner must have.</param>
    /// <param name="name">Its name.</param>
    /// <param name="script">What it does.</param>
    /// <param name="run">The run that it belongs to; null: one of its own.</param>
    public SimulatedJob Queue(string repository, IReadOnlyList<string> labels, string name, string script, long? run = null)
    {
        lock (gate)
        {
            var job = Put(new SimulatedJob
            {
                Id = ++lastId,
                RunId = run ?? ++lastId,
                Repository = repository,
                Labels = labels,
                Name = name,
                Script = script,
                CreatedAt = time.GetUtcNow(),
            });
            Tell(job, "queued");
            return job;
        }
    }

    public IReadOnlyList<SimulatedJob> Jobs()
    {
        lock (gate)
        {
            Sweep();
            return [.. jobs.Values.OrderBy(job => job.Id)];
        }
    }

    public SimulatedJob? Job(long id) => Jobs().FirstOrDefault(job => job.Id == id);

    /// <summary>The oldest job that waits and whose labels the runner has all; again the same one until it was acknowledged.</summary>
    public SimulatedJob? Offer(SimulatedRunner asking)
    {
        lock (gate)
        {
            Sweep();
            var runner = runners[asking.Id];
            if (runner.JobId is { } id)
            {
                return jobs[id] is { State: JobState.Assigned, Acknowledged: false } again ? again : null;
            }
            if (runner.Gone || runner.Finished || FirstWaiting(runner) is not { } job)
            {
                return null;
            }
            Release(job);
            Put(runner with { JobId = job.Id });
            var assigned = Put(job with
            {
                State = JobState.Assigned,
                RunnerId = runner.Id,
                RunnerName = runner.Name,
                AssignedAt = time.GetUtcNow(),
                Acknowledged = false,
            });
            Touch();
            return assigned;
        }
    }

    /// <summary>The job of this runner that somebody wants stopped; said once.</summary>
    public SimulatedJob? Cancellation(SimulatedRunner asking)
    {
        lock (gate)
        {
            return runners[asking.Id].JobId is { } id && jobs[id] is { CancelRequested: true, CancelSent: false, State: JobState.InProgress } job
                ? Put(job with { CancelSent = true })
                : null;
        }
    }

    public void Acknowledge(SimulatedRunner runner)
    {
        lock (gate)
        {
            if (runners[runner.Id].JobId is { } id && jobs[id].State == JobState.Assigned)
            {
                Put(jobs[id] with { Acknowledged = true });
            }
        }
    }

    /// <summary>Starts the job; the refusal is the status that GitHub answers.</summary>
    public (SimulatedJob? Job, int Refusal) Acquire(SimulatedRunner runner, string requestId)
    {
        lock (gate)
        {
            var job = jobs.Values.FirstOrDefault(job => job.RequestId.ToString() == requestId);
            if (job is not { State: JobState.Assigned } || job.RunnerId != runner.Id)
            {
                return (null, job is null ? 404 : 409);
            }
            var now = time.GetUtcNow();
            var started = Put(job with { State = JobState.InProgress, StartedAt = now, LockedUntil = now + options.JobLock, Acknowledged = true });
            Tell(started, "in_progress");
            return (started, 0);
        }
    }

    public DateTimeOffset? Renew(Guid jobId)
    {
        lock (gate)
        {
            Sweep();
            return Running(jobId) is { } job ? Put(job with { LockedUntil = time.GetUtcNow() + options.JobLock }).LockedUntil : null;
        }
    }

    public bool Complete(Guid jobId, string conclusion)
    {
        lock (gate)
        {
            if (Running(jobId) is not { } job)
            {
                return false;
            }
            Finish(job, conclusion);
            return true;
        }
    }

    /// <summary>Stops a job: at once if nobody runs it yet, else by asking its runner. False if there is none or it is over.</summary>
    public bool Cancel(long id)
    {
        lock (gate)
        {
            if (!jobs.TryGetValue(id, out var job) || job.State == JobState.Completed)
            {
                return false;
            }
            if (job.State == JobState.InProgress)
            {
                Put(job with { CancelRequested = true });
                Touch();
                return true;
            }
            Release(job);
            Tell(Put(Ended(job, "cancelled") with { RunnerId = null, RunnerName = null }), "completed");
            return true;
        }
    }

    private SimulatedJob? Running(Guid jobId) =>
        jobs.Values.FirstOrDefault(job => job.JobId == jobId && job.State == JobState.InProgress);

    private SimulatedJob? FirstWaiting(SimulatedRunner runner) => jobs.Values
        .Where(job => job.State == JobState.Queued || (job.State == JobState.Assigned && job.AssignedAt + OfferTime < time.GetUtcNow()))
        .Where(job => string.Equals(job.Repository, runner.Repository, StringComparison.OrdinalIgnoreCase) && runner.Has(job.Labels))
        .MinBy(job => job.Id);

    private void Release(SimulatedJob job)
    {
        if (job.RunnerId is { } before && runners.TryGetValue(before, out var runner) && runner.JobId == job.Id)
        {
            Put(runner with { JobId = null });
        }
    }

    private void Finish(SimulatedJob job, string conclusion)
    {
        if (job.RunnerId is { } id && runners.TryGetValue(id, out var runner))
        {
            Put(runner with { JobId = null, Finished = runner.Ephemeral, Gone = runner.Ephemeral });
        }
        Tell(Put(Ended(job, conclusion)), "completed");
    }

    private SimulatedJob Ended(SimulatedJob job, string conclusion) =>
        job with { State = JobState.Completed, Conclusion = conclusion, CompletedAt = time.GetUtcNow() };
}
