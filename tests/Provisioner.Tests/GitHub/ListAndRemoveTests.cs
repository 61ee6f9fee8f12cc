using Provisioner.GitHub;
using static Provisioner.Tests.GitHub.SimulatedGitHub;

namespace Provisioner.Tests.GitHub;

public sealed class ListAndRemoveTests
{
    [Theory(Timeout = 20_000)]
    [InlineData(0, 1)]
    [InlineData(99, 1)]
    [InlineData(100, 1)]
    [InlineData(101, 2)]
    [InlineData(250, 3)]
    public async Task All_runners_are_listed_in_pages_of_a_hundred(int count, int calls)
    {
        await using var github = await StartAsync();
        var names = Enumerable.Range(1, count).Select(number => github.Existing($"vm-{number}").Name).ToList();

        var listed = new List<string>();
        await foreach (var runner in github.Runners.ListAsync(Repository, Cancelled))
        {
            listed.Add(runner.Name);
        }

        Assert.Equal(names, listed);
        Assert.Equal(calls, github.Asked().Count);
    }

    [Fact(Timeout = 20_000)]
    public async Task One_of_many_runners_is_found_with_one_call()
    {
        await using var github = await StartAsync();
        for (var number = 1; number <= 250; number++)
        {
            github.Existing($"vm-{number}");
        }

        var found = await github.Runners.FindAsync(Repository, "vm-207", Cancelled);

        Assert.Equal("vm-207", found?.Name);
        Assert.Single(github.Asked());
    }

    [Fact(Timeout = 20_000)]
    public async Task Removing_twice_says_removed_and_then_already_gone()
    {
        await using var github = await StartAsync();
        var runner = github.Existing("vm-1");

        Assert.Equal(RunnerRemoval.Removed, await github.Runners.RemoveAsync(Repository, runner.Id, Cancelled));
        Assert.Equal(RunnerRemoval.AlreadyGone, await github.Runners.RemoveAsync(Repository, runner.Id, Cancelled));
        Assert.Null(await github.Runners.GetAsync(Repository, runner.Id, Cancelled));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_runner_with_a_job_is_busy_and_stays()
    {
        await using var github = await StartAsync();
        var runner = github.Existing("vm-1");
        github.Board.OpenSession(runner, "1.0.0", "linux");
        github.Board.Queue(Repository.ToString(), ["vm-1"], "job", "true");
        Assert.NotNull(github.Board.Offer(runner));

        Assert.Equal(RunnerRemoval.Busy, await github.Runners.RemoveAsync(Repository, runner.Id, Cancelled));

        Assert.True((await github.Runners.FindAsync(Repository, "vm-1", Cancelled))?.Busy);
    }
}
