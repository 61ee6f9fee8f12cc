using Microsoft.Extensions.Logging;
using Provisioner.GitHub;
using Provisioner.GitHubSimulator.Faults;
using Provisioner.Hypervisors;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Server;

/// <summary>A VM does not outlive the workflow run that it is for, and nothing else is concluded from what GitHub says of runs.</summary>
public sealed class RunWatchTests
{
    private const int Patience = 120_000;

    private static readonly WorkflowRun Run = new(7001, 2);

    [Theory(Timeout = Patience)]
    [InlineData("cancelled")]
    [InlineData("success")]
    [InlineData("failure")]
    public async Task A_vm_goes_when_its_run_is_over_though_nobody_deletes_it(string conclusion)
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddWaitingAsync("vm-1", Run);
        await stage.AddOnlineAsync("vm-2", Run);
        stage.GitHub.Board.SetRun(GitHubStage.Repository, Run.Id, Run.Attempt, "in_progress");
        await stage.WatchAsync();
        Assert.All(stage.Vms.Live(), vm => Assert.Equal(Wanted.Present, vm.Wanted));

        stage.GitHub.Board.SetRun(GitHubStage.Repository, Run.Id, Run.Attempt, "completed", conclusion);
        await stage.WatchAsync();
        await stage.RunAsync(TimeSpan.FromMinutes(5), () => stage.Vms.Live().Count == 0);

        Assert.Empty(stage.Vms.Live());
        Assert.Empty(stage.GitHub.Board.Runners(null));
        Assert.Contains(stage.Vms.Events(VmId.Parse("vm-2"), 0), change => change.Message == $"Its workflow run 7001 is over ({conclusion}).");
    }

    [Fact(Timeout = Patience)]
    public async Task The_end_of_another_attempt_ends_nothing()
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddOnlineAsync("vm-1", Run);
        stage.GitHub.Board.SetRun(GitHubStage.Repository, Run.Id, 1, "completed", "failure");
        stage.GitHub.Board.SetRun(GitHubStage.Repository, Run.Id, 2, "in_progress");

        await stage.WatchAsync();

        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);
    }

    [Fact(Timeout = Patience)]
    public async Task One_question_is_asked_for_each_run_and_none_once_its_end_is_known()
    {
        await using var stage = await GitHubStage.StartAsync();
        for (var number = 1; number <= 5; number++)
        {
            await stage.AddBusyAsync($"vm-{number}", Run);
        }

        stage.GitHub.Board.SetRun(GitHubStage.Repository, Run.Id, Run.Attempt, "in_progress");
        await stage.WatchAsync();
        await stage.WatchAsync();
        stage.GitHub.Board.SetRun(GitHubStage.Repository, Run.Id, Run.Attempt, "completed", "success");
        await stage.WatchAsync();
        await stage.WatchAsync();

        var statuses = stage.GitHub.Seen.Log().Where(one => one.Path.Contains("/attempts/", StringComparison.Ordinal)).Select(one => one.Status);
        Assert.Equal([200, 304, 200], statuses); // what has not changed costs nothing of the hour's calls
    }

    [Fact(Timeout = Patience)]
    public async Task A_guest_that_says_it_works_is_believed_for_five_minutes()
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddBusyAsync("vm-1", Run);
        stage.GitHub.Board.SetRun(GitHubStage.Repository, Run.Id, Run.Attempt, "completed", "cancelled");

        await stage.WatchAsync();
        stage.Time.Advance(TimeSpan.FromMinutes(4));
        await stage.WatchAsync();
        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);

        stage.Time.Advance(TimeSpan.FromMinutes(1));
        await stage.WatchAsync();
        Assert.Equal(Wanted.Gone, stage.Find("vm-1").Wanted);
    }

    [Fact(Timeout = Patience)]
    public async Task Runs_that_the_credential_may_not_read_are_left_alone_for_an_hour_and_that_is_said_once()
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddOnlineAsync("vm-1", Run);
        await stage.AddOnlineAsync("vm-2", new WorkflowRun(7002, 1));
        stage.GitHub.Faults.Add(new Fault { Path = "/actions/runs/", Status = 403, Body = """{"message":"Resource not accessible by integration"}""", Times = 1000 });

        for (var minute = 0; minute < 150; minute++)
        {
            await stage.WatchAsync();
            stage.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(3, stage.Asked("GET .*/actions/runs/"));
        Assert.All(stage.Vms.Live(), vm => Assert.Equal(Wanted.Present, vm.Wanted));
        var said = Assert.Single(stage.Logs.GetSnapshot(), record => record.Level >= LogLevel.Warning);
        Assert.Contains("Actions: read", said.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_run_that_is_not_there_blinds_nobody_for_the_others()
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddOnlineAsync("vm-1", new WorkflowRun(404, 1));
        await stage.AddOnlineAsync("vm-2", Run);
        stage.GitHub.Board.SetRun(GitHubStage.Repository, Run.Id, Run.Attempt, "in_progress");
        await stage.WatchAsync();

        stage.GitHub.Board.SetRun(GitHubStage.Repository, Run.Id, Run.Attempt, "completed", "cancelled");
        stage.Time.Advance(TimeSpan.FromMinutes(1));
        await stage.WatchAsync();

        Assert.Equal((Wanted.Present, Wanted.Gone), (stage.Find("vm-1").Wanted, stage.Find("vm-2").Wanted));
        Assert.Equal(1, stage.Asked("/actions/runs/404/"));
    }

    [Fact(Timeout = Patience)]
    public async Task While_calls_run_low_the_watch_pauses_and_registrations_go_on()
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddOnlineAsync("vm-1", Run);
        stage.GitHub.Faults.Add(new Fault
        {
            Path = "/actions/runs/",
            Headers = new Dictionary<string, string>
            {
                ["x-ratelimit-limit"] = "5000",
                ["x-ratelimit-remaining"] = "900",
                ["x-ratelimit-reset"] = $"{stage.Time.GetUtcNow().AddMinutes(30).ToUnixTimeSeconds()}",
            },
        });
        stage.GitHub.Board.SetRun(GitHubStage.Repository, Run.Id, Run.Attempt, "in_progress");
        await stage.WatchAsync();
        stage.GitHub.Board.SetRun(GitHubStage.Repository, Run.Id, Run.Attempt, "completed", "cancelled");
        stage.GitHub.Seen.Clear();

        await stage.WatchAsync();
        Assert.Empty(stage.GitHub.Seen.Log());
        await stage.AddOnlineAsync("vm-2");
        Assert.NotNull(stage.Find("vm-2").RunnerId);

        stage.Time.Advance(TimeSpan.FromMinutes(31));
        await stage.WatchAsync();
        Assert.Equal(Wanted.Gone, stage.Find("vm-1").Wanted);
    }

    [Fact(Timeout = Patience)]
    public async Task Many_runs_take_turns()
    {
        await using var stage = await GitHubStage.StartAsync();
        var now = stage.Time.GetUtcNow();
        for (var number = 1; number <= 50; number++)
        {
            stage.Vms.Add(Rows.Vm($"vm-{number}") with { CreatedAt = now, ExpiresAt = now.AddHours(2), Run = new WorkflowRun(number, 1) });
            stage.GitHub.Board.SetRun(GitHubStage.Repository, number, 1, "in_progress");
        }

        await stage.WatchAsync();
        Assert.Equal(RunWatch.QuestionsPerPass, stage.Asked("/actions/runs/"));
        await PassAsync(stage);
        await PassAsync(stage);

        Assert.Equal(50, stage.GitHub.Seen.Log().Select(one => one.Path).Where(path => path.Contains("/runs/", StringComparison.Ordinal)).Distinct().Count());
    }

    private static async Task PassAsync(GitHubStage stage)
    {
        stage.Time.Advance(TimeSpan.FromMinutes(1));
        await stage.WatchAsync();
    }
}
