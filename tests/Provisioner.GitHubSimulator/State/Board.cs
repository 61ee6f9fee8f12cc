using System.Threading.Channels;

namespace Provisioner.GitHubSimulator.State;

/// <summary>All that this GitHub knows: registrations and jobs. Everything that changes it runs under its one lock.</summary>
internal sealed partial class Board(SimulatorOptions options, TimeProvider time, IHostApplicationLifetime lifetime)
{
    private readonly Lock gate = new();
    private readonly Dictionary<long, SimulatedRunner> runners = [];
    private readonly Dictionary<long, SimulatedJob> jobs = [];
    private readonly Dictionary<(string Repository, long Id, int Attempt), SimulatedRun> runs = [];
    private readonly Dictionary<long, DateTimeOffset> hidden = [];
    private readonly Channel<JobEvent> events = Channel.CreateBounded<JobEvent>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest });

    private TaskCompletionSource changed = NewSignal();
    private long lastId = 100;

    public ChannelReader<JobEvent> Events => events.Reader;

    /// <summary>Gives the answer of <paramref name="look"/> once it is not null, or null when the time is over (or the program is).</summary>
    public async Task<T?> WaitForAsync<T>(Func<T?> look, TimeSpan atMost, CancellationToken cancellationToken)
        where T : class
    {
        using var deadline = new CancellationTokenSource(atMost, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, lifetime.ApplicationStopping, cancellationToken);
        while (true)
        {
            var signal = Volatile.Read(ref changed).Task;
            if (look() is { } found)
            {
                return found;
            }
            try
            {
                await signal.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    public BoardImage Save()
    {
        lock (gate)
        {
            return new BoardImage(lastId, [.. runners.Values], [.. jobs.Values]);
        }
    }

    public void Restore(BoardImage image)
    {
        lock (gate)
        {
            lastId = image.LastId;
            foreach (var runner in image.Runners)
            {
                runners[runner.Id] = runner with { OpenPolls = 0 };
            }
            foreach (var job in image.Jobs)
            {
                jobs[job.Id] = job;
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Tell(SimulatedJob job, string action)
    {
        events.Writer.TryWrite(new JobEvent(action, job));
        Touch();
    }

    private void Touch() => Interlocked.Exchange(ref changed, NewSignal()).SetResult();

    private SimulatedRunner Put(SimulatedRunner runner) => runners[runner.Id] = runner;

    private SimulatedJob Put(SimulatedJob job) => jobs[job.Id] = job;

    /// <summary>A runner that fell silent loses its job, which then counts as failed; what GitHub does ten minutes later.</summary>
    private void Sweep()
    {
        var now = time.GetUtcNow();
        foreach (var job in jobs.Values.Where(job => job.State == JobState.InProgress && job.LockedUntil < now).ToList())
        {
            Finish(job, "failure");
        }
    }
}
