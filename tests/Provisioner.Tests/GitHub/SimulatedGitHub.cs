using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Provisioner.GitHub;
using Provisioner.GitHubSimulator;
using Provisioner.GitHubSimulator.Faults;
using Provisioner.GitHubSimulator.State;

namespace Provisioner.Tests.GitHub;

/// <summary>A simulated GitHub on a free port, and our library before it.</summary>
internal sealed class SimulatedGitHub : IAsyncDisposable
{
    public const string Token = "ghp_canary-of-the-github-tests";

    public static readonly RepositoryName Repository = RepositoryName.Parse("octo-org/octo-repo");

    private readonly Simulator simulator;
    private readonly HttpClient http = GitHubHttp.CreateClient();

    private SimulatedGitHub(Simulator simulator, TimeProvider time)
    {
        this.simulator = simulator;
        Time = time;
        Endpoints = GitHubEndpoints.Parse(simulator.Url.ToString());
        Runners = RunnersWith(new TokenCredential(Token));
    }

    public TimeProvider Time { get; }

    public GitHubEndpoints Endpoints { get; }

    public GitHubRunners Runners { get; }

    public FakeLogCollector Logs { get; } = new();

    public Uri Url => simulator.Url;

    public Board Board => simulator.Board;

    public static async Task<SimulatedGitHub> StartAsync(TimeProvider? time = null, SimulatorOptions? options = null)
    {
        var with = (options ?? new SimulatorOptions()) with { Tokens = [Token] };
        var simulator = await Simulator.StartAsync(with, time is HurriedTime ? TimeProvider.System : time ?? TimeProvider.System, Cancelled);
        return new SimulatedGitHub(simulator, time ?? new HurriedTime());
    }

    public static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public GitHubRunners RunnersWith(GitHubCredential credential) => new(http, credential, Endpoints, Time, new FakeLogger<GitHubRunners>(Logs));

    public AppCredential App(AppKey key) => new(key, http, Endpoints, Time, new FakeLogger<AppCredential>(Logs));

    public void Fail(Fault fault) => simulator.Faults.Add(fault);

    /// <summary>What was asked of GitHub, as "METHOD path" without the query.</summary>
    public IReadOnlyList<string> Asked() => simulator.Seen.Calls();

    public void RevokeInstallationTokens() => simulator.Callers.RevokeMinted();

    public string LogOf(SimulatedJob job) => simulator.Logs.Text(job.JobId);

    public SimulatedRunner Existing(string name, params string[] labels) =>
        Board.Register(Repository.ToString(), name, labels.Length == 0 ? [name] : labels, [])!;

    public string AllLogs() => string.Join('\n', Logs.GetSnapshot().Select(record => $"{record.Level} {record.Message} {record.Exception}"));

    public void AssertNoErrorsLogged() => Assert.DoesNotContain(Logs.GetSnapshot(), record => record.Level >= LogLevel.Error);

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await simulator.DisposeAsync();
    }
}
