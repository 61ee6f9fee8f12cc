using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Provisioner.GitHub;
using Provisioner.GitHubSimulator;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;
using Provisioner.Server.Observability;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using Provisioner.Tests.GitHub;

namespace Provisioner.Tests.Server;

/// <summary>What decides and acts in the server, before a real simulated GitHub, on a clock of our own: hours pass in seconds.</summary>
internal sealed class GitHubStage : IAsyncDisposable
{
    public const string Repository = "acme/gpu";

    private static readonly TimeSpan Review = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("stage").FullName;
    private readonly GitHubConnection _connection;
    private readonly SimulatedHypervisor _hypervisor;
    private readonly VmOptions _limits;

    private GitHubStage(Simulator gitHub, HurriedTime time)
    {
        (GitHub, Time) = (gitHub, time);
        gitHub.Faults.Delaying = () => ThreadPool.QueueUserWorkItem(_ => time.Advance(TimeSpan.FromSeconds(21))); // longer than we wait for an answer
        var options = new ServerOptions
        {
            DataFolder = _folder,
            Images = new() { ["debian-12"] = new ImageOptions { Source = "base" } },
            GitHub = new GitHubOptions { Url = gitHub.Url.GetLeftPart(UriPartial.Authority), Token = RunningServer.GitHubToken },
        };
        _limits = options.Vms;
        _connection = new GitHubConnection(options, time, NullLoggerFactory.Instance);
        _hypervisor = new SimulatedHypervisor(SimulatedOptions.Instant, time, NullLogger<SimulatedHypervisor>.Instance);
        Vms = new VmTable(new Database(options), new VmNews(), time);
        Registrations = new Registrations(_connection, options);
        Work = new VmWork(Vms, _hypervisor, new ImageCatalog(_hypervisor, options, time, NullLogger<ImageCatalog>.Instance), Registrations, options, new VmTraces(), time, NullLogger<VmWork>.Instance);
        Runs = new RunWatch(Vms, time, new FakeLogger<RunWatch>(Logs));
        JobWatch = new JobWatch(Vms, time, new FakeLogger<JobWatch>(Logs));
        RunnerWatch = new RunnerWatch(Vms, Registrations, time, NullLogger<RunnerWatch>.Instance);
    }

    public Simulator GitHub { get; }

    public HurriedTime Time { get; }

    public VmTable Vms { get; }

    public VmWork Work { get; }

    public Registrations Registrations { get; }

    public RunWatch Runs { get; }

    public JobWatch JobWatch { get; }

    public RunnerWatch RunnerWatch { get; }

    public FakeLogCollector Logs { get; } = new();

    public GitHubRunners Runners => _connection.Runners!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<GitHubStage> StartAsync()
    {
        var time = new HurriedTime();
        return new GitHubStage(await Simulator.StartAsync(new SimulatorOptions { Tokens = [RunningServer.GitHubToken] }, time, Cancelled), time);
    }

    public Vm Find(string id) => Vms.Find(VmId.Parse(id))!;

    public async Task<bool> HasMachineAsync(string id) => (await _hypervisor.ListAsync(Cancelled)).Any(vm => vm.Id.Value == id);

    /// <summary>A VM whose guest has booted and waits for its registration.</summary>
    public async Task<Vm> AddWaitingAsync(string id, WorkflowRun? run = null)
    {
        var now = Time.GetUtcNow();
        var vm = Rows.Vm(id) with { CreatedAt = now, ExpiresAt = now.AddHours(2), ClonedAt = now, StartedAt = now, Run = run };
        await _hypervisor.EnsureClonedAsync(
            new() { Id = vm.Id, Image = new("base"), Label = id, Owner = "acme", Repository = "gpu" }, Cancelled);
        await _hypervisor.EnsureStartedAsync(vm.Id, Cancelled);
        Vms.Add(vm);
        return Report(id, GuestPhase.Ready);
    }

    /// <summary>A VM whose runner is registered and online.</summary>
    public async Task<Vm> AddOnlineAsync(string id, WorkflowRun? run = null)
    {
        await AddWaitingAsync(id, run);
        await Work.DoAsync(Find(id), VmAction.Register, Cancelled);
        Assert.NotNull(Find(id).ConfiguredAt);
        GitHub.Board.OpenSession(RunnerOf(id), "2.336.0", "linux");
        return Report(id, GuestPhase.Online);
    }

    /// <summary>A VM whose runner has a job, as GitHub and the guest say.</summary>
    public async Task<Vm> AddBusyAsync(string id, WorkflowRun? run = null)
    {
        await AddOnlineAsync(id, run);
        GiveJob(id);
        return Report(id, GuestPhase.Busy);
    }

    /// <summary>The runner takes a job: of the run that its VM is for, unless another is named.</summary>
    public void GiveJob(string id, long? run = null)
    {
        GitHub.Board.Queue(Repository, [id], "job", "true", run ?? Vms.Find(VmId.Parse(id))?.Run?.Id);
        var job = GitHub.Board.Offer(RunnerOf(id));
        Assert.NotNull(job);
        if (run is not null)
        {
            Assert.NotNull(GitHub.Board.Acquire(RunnerOf(id), job.RequestId.ToString()).Job);
        }
    }

    public GitHubSimulator.State.SimulatedRunner RunnerOf(string id) => GitHub.Board.Runners(Repository).Single(runner => runner.Name == id);

    public Vm Report(string id, GuestPhase phase) =>
        Vms.Change(VmId.Parse(id), vm => vm.Reported(new GuestReport(phase), Time.GetUtcNow()))!;

    public void Unwant(string id) => Vms.Change(VmId.Parse(id), vm => vm.NotWanted("Asked for."));

    /// <summary>One pass of the reconciler, without its concurrency, and ten seconds.</summary>
    public async Task PassAsync()
    {
        foreach (var vm in Vms.Live())
        {
            var row = Vms.Change(vm.Id, before => VmDeadlines.Check(before, _limits, Time.GetUtcNow()))!;
            var power = (await _hypervisor.ListAsync(Cancelled)).Where(seen => seen.Id == vm.Id).Select(seen => (VmPower?)seen.Power).SingleOrDefault();
            var action = VmTransitions.Next(row.Wanted, row.See(power), row.Registration);
            if (action != VmAction.None && Work.MayTry(vm.Id, action))
            {
                await Work.DoAsync(row, action, Cancelled);
            }
        }

        Time.Advance(Review);
    }

    /// <summary>Passes and, every minute, the questions about runs and runners, until something is so or the time is over.</summary>
    public async Task RunAsync(TimeSpan atMost, Func<bool>? until = null)
    {
        var end = Time.GetUtcNow() + atMost;
        for (var watched = DateTimeOffset.MinValue; Time.GetUtcNow() < end && until?.Invoke() != true;)
        {
            await PassAsync();
            if (Time.GetUtcNow() - watched >= TimeSpan.FromMinutes(1))
            {
                watched = Time.GetUtcNow();
                await WatchAsync();
            }
        }
    }

    public async Task WatchAsync()
    {
        try
        {
            await Runs.PassAsync(Runners.Runs, Cancelled);
            await JobWatch.PassAsync(Runners.Runs, Cancelled);
            await RunnerWatch.PassAsync(Runners, Cancelled);
        }
        catch (GitHubException)
        {
            // Nothing is known, as in GitHubWatch.
        }
    }

    public int Asked(string pattern) => GitHub.Seen.Log().Count(one => System.Text.RegularExpressions.Regex.IsMatch($"{one.Method} {one.Path}", pattern));

    /// <summary>GitHub's documented limits: 900 points in any minute for a group of calls, of which a GET is one and others five.</summary>
    public void AssertWithinLimits()
    {
        foreach (var group in GitHub.Seen.Log().GroupBy(one => one.Path.Contains("generate-jitconfig", StringComparison.Ordinal)))
        {
            var calls = group.ToList();
            for (var (first, last, points) = (0, 0, 0); last < calls.Count; last++)
            {
                points += Points(calls[last].Method);
                for (; calls[last].At - calls[first].At >= TimeSpan.FromMinutes(1); first++)
                {
                    points -= Points(calls[first].Method);
                }

                Assert.InRange(points, 0, 900);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _connection.Dispose();
        await _hypervisor.DisposeAsync();
        await GitHub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static int Points(string method) => method == "GET" ? 1 : 5;
}
