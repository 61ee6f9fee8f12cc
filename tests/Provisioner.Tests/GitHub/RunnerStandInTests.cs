using Provisioner.GitHubSimulator.State;
using static Provisioner.Tests.GitHub.SimulatedGitHub;

namespace Provisioner.Tests.GitHub;

/// <summary>The stand-in and the simulator, each keeping to its side of the protocol between runners and GitHub.</summary>
public sealed class RunnerStandInTests
{
    [Fact(Timeout = 60_000)]
    public async Task A_runner_comes_online_does_its_one_job_and_is_gone()
    {
        await using var github = await StartAsync();
        await using var runner = await RunnerFor(github, "vm-1");
        await runner.PrintsAsync("√ Connected to GitHub");
        await runner.PrintsAsync("Listening for Jobs");
        Assert.True((await github.Runners.FindAsync(Repository, "vm-1", Cancelled))?.Online);

        var job = github.Board.Queue(Repository.ToString(), ["vm-1"], "greet", "echo hello from $RUNNER_NAME\nenv");

        await runner.PrintsAsync("Running job: greet");
        await runner.PrintsAsync("Job greet completed with result: Succeeded");
        Assert.Equal(0, await runner.ExitsAsync());
        Assert.Equal(("success", "vm-1"), (github.Board.Job(job.Id)!.Conclusion, github.Board.Job(job.Id)!.RunnerName));
        Assert.Contains("hello from vm-1", github.LogOf(job), StringComparison.Ordinal);
        Assert.DoesNotContain("JITCONFIG", github.LogOf(job), StringComparison.Ordinal);
        Assert.Empty(github.Board.Runners(null));
        Assert.Empty(runner.Files);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_job_that_fails_is_said_to_have_failed()
    {
        await using var github = await StartAsync();
        var job = github.Board.Queue(Repository.ToString(), ["vm-1"], "fail", "echo before\nfalse\necho after");
        await using var runner = await RunnerFor(github, "vm-1");

        await runner.PrintsAsync("Job fail completed with result: Failed");

        Assert.Equal(0, await runner.ExitsAsync());
        Assert.Equal("failure", github.Board.Job(job.Id)!.Conclusion);
        Assert.Contains("##[error]Process completed with exit code 1.", github.LogOf(job), StringComparison.Ordinal);
        Assert.DoesNotContain("Z after", github.LogOf(job), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_running_job_is_cancelled()
    {
        await using var github = await StartAsync();
        var job = github.Board.Queue(Repository.ToString(), ["vm-1"], "endless", "exec sleep 1000");
        await using var runner = await RunnerFor(github, "vm-1");
        await runner.PrintsAsync("Running job: endless");

        Assert.True(github.Board.Cancel(job.Id));

        await runner.PrintsAsync("Job endless completed with result: Canceled");
        Assert.Equal(0, await runner.ExitsAsync());
        Assert.Equal("cancelled", github.Board.Job(job.Id)!.Conclusion);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_job_waits_for_a_runner_that_has_all_its_labels()
    {
        await using var github = await StartAsync();
        var job = github.Board.Queue(Repository.ToString(), ["vm-2", "gpu"], "picky", "true");
        await using var other = await RunnerFor(github, "vm-1");
        await other.PrintsAsync("Listening for Jobs");
        Assert.Equal(JobState.Queued, github.Board.Job(job.Id)!.State);

        await using var right = await RunnerFor(github, "vm-2", "vm-2", "GPU", "linux");

        await right.PrintsAsync("Job picky completed with result: Succeeded");
        Assert.Equal("vm-2", github.Board.Job(job.Id)!.RunnerName);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_runner_that_is_removed_while_it_waits_ends_in_order()
    {
        await using var github = await StartAsync();
        await using var runner = await RunnerFor(github, "vm-1");
        await runner.PrintsAsync("Listening for Jobs");

        await github.Runners.RemoveAsync(Repository, github.Board.Runners(null)[0].Id, Cancelled);

        Assert.Equal(0, await runner.ExitsAsync());
        Assert.Empty(runner.Files);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_configuration_whose_registration_is_gone_is_refused()
    {
        await using var github = await StartAsync();
        var registered = await github.Runners.RegisterAsync(Repository, "vm-1", ["vm-1"], Cancelled);
        await github.Runners.RemoveAsync(Repository, registered.Id, Cancelled);

        await using var runner = RunnerProcess.StartStandIn(registered.EncodedJitConfig);

        Assert.Equal(1, await runner.ExitsAsync());
        Assert.Contains(runner.Printed, line => line.Contains("Registration was not found", StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_runner_that_is_terminated_says_good_bye()
    {
        await using var github = await StartAsync();
        await using var runner = await RunnerFor(github, "vm-1");
        await runner.PrintsAsync("Listening for Jobs");

        await runner.SignalAsync("TERM");

        Assert.Equal(143, await runner.ExitsAsync());
        Assert.Equal([".credentials", ".credentials_rsaparams", ".runner"], runner.Files);
        Assert.Contains("DELETE /broker/session", github.Asked());
    }

    [Fact(Timeout = 60_000)]
    public async Task What_is_no_configuration_is_refused()
    {
        await using var runner = RunnerProcess.StartStandIn("bm8gSlNPTg==");

        Assert.Equal(1, await runner.ExitsAsync());
    }

    private static async Task<RunnerProcess> RunnerFor(SimulatedGitHub github, string name, params string[] labels)
    {
        var registered = await github.Runners.RegisterAsync(Repository, name, labels.Length == 0 ? [name] : labels, Cancelled);
        return RunnerProcess.StartStandIn(registered.EncodedJitConfig);
    }
}
