using Microsoft.Extensions.Time.Testing;
using Provisioner.GitHub;
using static Provisioner.Tests.GitHub.SimulatedGitHub;

namespace Provisioner.Tests.GitHub;

public sealed class RepeatTests
{
    [Fact(Timeout = 20_000)]
    public async Task A_reading_call_outlives_two_failures()
    {
        await using var github = await StartAsync();
        var runner = github.Existing("vm-1");
        github.Fail(new() { Method = "GET", Status = 502 });
        github.Fail(new() { Method = "GET", Drop = true });

        var found = await github.Runners.GetAsync(Repository, runner.Id, Cancelled);

        Assert.Equal("vm-1", found?.Name);
        Assert.Equal(3, github.Asked().Count);
    }

    [Fact(Timeout = 20_000)]
    public async Task Removing_whose_answer_was_lost_ends_in_already_gone()
    {
        await using var github = await StartAsync();
        var runner = github.Existing("vm-1");
        github.Fail(new() { Method = "DELETE", LoseReply = true });

        var removal = await github.Runners.RemoveAsync(Repository, runner.Id, Cancelled);

        Assert.Equal(RunnerRemoval.AlreadyGone, removal);
        Assert.Empty(github.Board.Runners(Repository.ToString()));
    }

    [Fact(Timeout = 20_000)]
    public async Task Repeats_are_few_and_wait_longer_each_time()
    {
        var time = new HurriedTime();
        await using var github = await StartAsync(time);
        github.Fail(new() { Method = "GET", Status = 503, Times = 100 });

        var failed = await Assert.ThrowsAsync<GitHubException>(() => github.Runners.FindAsync(Repository, "vm-1", Cancelled));

        Assert.Equal(GitHubFault.ServerError, failed.Fault);
        Assert.Equal(3, github.Asked().Count);
        Assert.Collection(
            time.Pauses,
            first => Assert.InRange(first, TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(0.75)),
            second => Assert.InRange(second, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.5)));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_GitHub_that_never_answers_is_unreachable()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var github = await StartAsync(time);
        github.Fail(new() { Method = "GET", DelaySeconds = 100_000, Times = 10 });
        var finding = github.Runners.FindAsync(Repository, "vm-1", Cancelled);

        while (!finding.IsCompleted)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        var failed = await Assert.ThrowsAsync<GitHubException>(() => finding);
        Assert.Equal(GitHubFault.Unreachable, failed.Fault);
        Assert.Contains("did not answer", failed.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_caller_who_gives_up_is_not_kept_waiting()
    {
        await using var github = await StartAsync();
        github.Fail(new() { Method = "GET", DelaySeconds = 1000 });
        using var caller = new CancellationTokenSource();
        var finding = github.Runners.FindAsync(Repository, "vm-1", caller.Token);

        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finding);
    }
}
