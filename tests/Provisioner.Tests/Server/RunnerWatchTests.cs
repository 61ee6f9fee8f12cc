using Provisioner.Contracts;
using Provisioner.GitHubSimulator.State;
using Provisioner.Hypervisors;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Server;

/// <summary>What GitHub lists is compared with what is wanted, and a list alone never ends anything.</summary>
public sealed class RunnerWatchTests
{
    private const int Patience = 120_000;

    [Fact(Timeout = Patience)]
    public async Task A_runner_that_somebody_removed_at_GitHub_fails_its_vm_after_several_looks_and_one_by_its_id()
    {
        await using var stage = await GitHubStage.StartAsync();
        var vm = await stage.AddOnlineAsync("vm-1");
        stage.GitHub.Board.Remove(GitHubStage.Repository, vm.RunnerId!.Value);

        await MinutesAsync(stage, 5);
        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);
        await MinutesAsync(stage, 1);

        Assert.Equal(ProblemCode.RunnerMissing, stage.Find("vm-1").Failure?.Code);
        Assert.Equal(1, stage.Asked($"GET .*/runners/{vm.RunnerId}$"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_runner_that_only_the_list_lacks_stays()
    {
        await using var stage = await GitHubStage.StartAsync();
        var vm = await stage.AddOnlineAsync("vm-1");
        stage.GitHub.Board.Hide(vm.RunnerId!.Value, TimeSpan.FromHours(1));

        await MinutesAsync(stage, 30);

        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);
        Assert.InRange(stage.Asked($"GET .*/runners/{vm.RunnerId}$"), 1, 6);
    }

    [Fact(Timeout = Patience)]
    public async Task A_runner_on_the_second_page_is_not_missing_and_a_page_that_fails_proves_nothing()
    {
        await using var stage = await GitHubStage.StartAsync();
        for (var number = 1; number <= 120; number++)
        {
            Existing(stage, $"others-{number}", "others");
        }

        await stage.AddOnlineAsync("vm-1");
        await stage.AddOnlineAsync("vm-2");
        await MinutesAsync(stage, 20);
        Assert.Equal(40, stage.Asked("GET .*/runners\\?")); // two pages for both VMs
        stage.GitHub.Faults.Add(new() { Path = "page=2", Status = 502, Times = 1000 });
        await MinutesAsync(stage, 20);

        Assert.All(stage.Vms.Live(), vm => Assert.Equal(Wanted.Present, vm.Wanted));
        Assert.Equal(0, stage.Asked("GET .*/runners/[0-9]+$"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_guest_that_works_is_believed_even_where_GitHub_has_no_such_runner()
    {
        await using var stage = await GitHubStage.StartAsync();
        var vm = await stage.AddOnlineAsync("vm-1");
        stage.Report("vm-1", GuestPhase.Busy);
        stage.GitHub.Board.Remove(GitHubStage.Repository, vm.RunnerId!.Value);

        await MinutesAsync(stage, 60);

        Assert.Equal(Wanted.Present, stage.Find("vm-1").Wanted);
    }

    [Fact(Timeout = Patience)]
    public async Task A_registration_of_ours_that_nobody_wants_is_removed_after_a_quarter_of_an_hour()
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddOnlineAsync("vm-1");
        Existing(stage, "stray", "stray", stage.Registrations.Mark);

        await MinutesAsync(stage, 15);
        Assert.Equal(2, stage.GitHub.Board.Runners(null).Count);
        await MinutesAsync(stage, 1);

        Assert.Equal("vm-1", Assert.Single(stage.GitHub.Board.Runners(null)).Name);
    }

    [Fact(Timeout = Patience)]
    public async Task What_is_not_beyond_doubt_a_useless_registration_of_ours_is_never_touched()
    {
        await using var stage = await GitHubStage.StartAsync();
        var mark = stage.Registrations.Mark;
        await stage.AddOnlineAsync("vm-1");
        await stage.AddWaitingAsync("wanted");
        Existing(stage, "wanted", "wanted", mark);
        Existing(stage, "unmarked", "unmarked");
        Existing(stage, "other-server", "other-server", "vbdp-0000000000000000");
        Existing(stage, "label-differs", "something", mark);
        Existing(stage, "Not an id", "Not an id", mark);
        stage.GitHub.Board.OpenSession(Existing(stage, "online", "online", mark), "1", "linux");
        stage.GitHub.Board.CountPoll(stage.RunnerOf("online"), 1);
        Existing(stage, "busy", "busy", mark);
        stage.GiveJob("busy");
        var before = Names(stage);

        await MinutesAsync(stage, 120);

        Assert.Equal(before, Names(stage));
        Assert.Equal(0, stage.Asked("^DELETE"));
    }

    private static IEnumerable<string> Names(GitHubStage stage) => stage.GitHub.Board.Runners(null).Select(runner => runner.Name).ToList();

    private static SimulatedRunner Existing(GitHubStage stage, string name, params string[] labels) =>
        stage.GitHub.Board.Register(GitHubStage.Repository, name, labels, [])!;

    private static async Task MinutesAsync(GitHubStage stage, int minutes)
    {
        for (var minute = 0; minute < minutes; minute++)
        {
            stage.Time.Advance(TimeSpan.FromMinutes(1));
            await stage.WatchAsync();
        }
    }
}
