using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Server;

/// <summary>The job that runs is of the run that asked; and nothing but several looks over some minutes says that it is not.</summary>
public sealed class JobWatchTests
{
    private const int Patience = 120_000;
    private const long Foreign = 666;

    private static readonly WorkflowRun Run = new(7001, 2);

    [Fact(Timeout = Patience)]
    public async Task A_vm_whose_runner_a_job_of_another_run_took_ends_and_says_so()
    {
        await using var stage = await StartAsync();
        await stage.AddOnlineAsync("vm-1", Run);
        TakeJob(stage, Foreign);

        await MinutesAsync(stage, 5);
        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);
        await MinutesAsync(stage, 1);

        Assert.Equal(ProblemCode.ForeignJob, stage.Find("vm-1").Failure?.Code);
        Assert.Contains(stage.Vms.Events(VmId.Parse("vm-1"), 0), change => change.Failure?.Code == ProblemCode.ForeignJob && change.Message.Contains("run 7001", StringComparison.Ordinal));
        Assert.Contains(stage.Logs.GetSnapshot(), line => line.Message.Contains("another run's job took it", StringComparison.Ordinal));
        await stage.PassAsync();
        await stage.PassAsync();
        Assert.False(await stage.HasMachineAsync("vm-1")); // at once, though GitHub says that its runner is busy
        Assert.Equal(1, stage.Asked($"^DELETE .*/runners/{stage.Find("vm-1").RunnerId}$"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_job_of_the_run_that_asked_is_left_alone_and_looked_for_once()
    {
        await using var stage = await StartAsync();
        await stage.AddOnlineAsync("vm-1", Run);
        TakeJob(stage, Run.Id);

        await MinutesAsync(stage, 60);

        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);
        Assert.Equal(1, stage.Asked("/runs/7001/jobs"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_list_that_does_not_have_the_job_yet_ends_nothing()
    {
        await using var stage = await StartAsync();
        stage.GitHub.Board.JobLag = TimeSpan.FromMinutes(4);
        await stage.AddOnlineAsync("vm-1", Run);
        TakeJob(stage, Run.Id);

        await MinutesAsync(stage, 60);

        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);
        Assert.InRange(stage.Asked("/runs/7001/jobs"), 2, 6);
    }

    [Fact(Timeout = Patience)]
    public async Task A_job_of_which_GitHub_does_not_say_where_it_runs_ends_nothing()
    {
        await using var stage = await StartAsync();
        stage.GitHub.Board.HidesRunners = true;
        await stage.AddOnlineAsync("vm-1", Run);
        TakeJob(stage, Run.Id);

        await MinutesAsync(stage, 8); // longer than lists lag; and no longer than a job lives here whose runner says nothing
        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);
        stage.GitHub.Board.HidesRunners = false;
        await MinutesAsync(stage, 20);

        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);
        Assert.InRange(stage.Asked("/runs/7001/jobs"), 5, 40);
    }

    [Fact(Timeout = Patience)]
    public async Task A_job_on_the_second_page_is_found()
    {
        await using var stage = await StartAsync();
        await stage.AddOnlineAsync("vm-1", Run);
        for (var number = 1; number <= 120; number++)
        {
            stage.GitHub.Board.Queue(GitHubStage.Repository, ["elsewhere"], "leg", "true", Run.Id);
        }

        TakeJob(stage, Run.Id);
        await MinutesAsync(stage, 20);

        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);
        Assert.Equal(2, stage.Asked("/runs/7001/jobs"));
    }

    [Theory(Timeout = Patience)]
    [InlineData(502)] // GitHub fails
    [InlineData(403)] // the credential may not read runs
    [InlineData(404)] // or does not see this one
    public async Task What_GitHub_does_not_tell_ends_nothing(int status)
    {
        await using var stage = await StartAsync();
        await stage.AddOnlineAsync("vm-1", Run);
        TakeJob(stage, Foreign);
        stage.GitHub.Faults.Add(new() { Path = "/jobs", Status = status, Times = 100_000 });

        await MinutesAsync(stage, 20);

        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);
        Assert.InRange(stage.Asked("/runs/7001/jobs"), 1, status == 403 ? 1 : 1000);
    }

    [Fact(Timeout = Patience)]
    public async Task Nothing_is_compared_where_no_run_is_known_or_several_asked()
    {
        await using var stage = await StartAsync();
        await stage.AddOnlineAsync("vm-1", Run);
        stage.Vms.Change(VmId.Parse("vm-1"), vm => vm.AskedForAgain(new WorkflowRun(Run.Id + 1, 1)));
        TakeJob(stage, Foreign);

        await MinutesAsync(stage, 20);

        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);
        Assert.Equal(0, stage.Asked("/jobs"));
    }

    private static async Task<GitHubStage> StartAsync()
    {
        var stage = await GitHubStage.StartAsync();
        stage.GitHub.Board.SetRun(GitHubStage.Repository, Run.Id, Run.Attempt, "in_progress");
        return stage;
    }

    private static void TakeJob(GitHubStage stage, long run)
    {
        stage.GiveJob("vm-1", run);
        stage.Report("vm-1", GuestPhase.Busy);
    }

    private static async Task MinutesAsync(GitHubStage stage, int minutes)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            await stage.WatchAsync();
            stage.Time.Advance(TimeSpan.FromMinutes(1));
        }
    }
}
