using Provisioner.Contracts;
using Provisioner.GitHubSimulator.Faults;
using Provisioner.Hypervisors;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Server;

/// <summary>Registrations go before their machines, are never forgotten, and never those of somebody else.</summary>
public sealed class RemovalTests
{
    private const int Patience = 120_000;

    [Fact(Timeout = Patience)]
    public async Task A_runner_of_somebody_else_that_has_the_name_outlives_the_vm()
    {
        await using var stage = await GitHubStage.StartAsync();
        stage.GitHub.Board.Register(GitHubStage.Repository, "vm-1", ["vm-1"], []); // as another server would have registered it
        await stage.AddWaitingAsync("vm-1");

        await stage.RunAsync(TimeSpan.FromMinutes(10), () => stage.Vms.Live().Count == 0);

        Assert.Equal((VmPhase.Gone, ProblemCode.RunnerNameTaken), (stage.Find("vm-1").Phase, stage.Find("vm-1").Failure?.Code));
        Assert.Single(stage.GitHub.Board.Runners(GitHubStage.Repository));
    }

    [Fact(Timeout = Patience)]
    public async Task What_a_registration_left_whose_answer_was_never_read_is_found_by_name_and_mark_and_removed()
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddWaitingAsync("vm-1");
        stage.GitHub.Board.Register(GitHubStage.Repository, "vm-1", ["vm-1", stage.Registrations.Mark], []);
        stage.Vms.Change(VmId.Parse("vm-1"), vm => vm with { Registration = Registration.Held }); // killed before the id was written down
        stage.Unwant("vm-1");

        await stage.RunAsync(TimeSpan.FromMinutes(10), () => stage.Vms.Live().Count == 0);

        Assert.Empty(stage.GitHub.Board.Runners(GitHubStage.Repository));
    }

    [Fact(Timeout = Patience)]
    public async Task A_removal_that_GitHub_refuses_for_ten_days_is_made_on_the_eleventh()
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddOnlineAsync("vm-1");
        stage.GitHub.Faults.Add(new Fault { Method = "DELETE", Status = 403, Body = """{"message":"Must have admin rights."}""", ForSeconds = TimeSpan.FromDays(10).TotalSeconds });
        stage.Unwant("vm-1");

        for (var halfDay = 0; halfDay < 19; halfDay++)
        {
            await stage.RunAsync(TimeSpan.FromSeconds(30));
            Assert.NotEqual(VmPhase.Gone, stage.Find("vm-1").Phase);
            stage.Time.Advance(TimeSpan.FromHours(12));
        }

        Assert.False(await stage.HasMachineAsync("vm-1"));
        stage.Time.Advance(TimeSpan.FromHours(13));
        await stage.RunAsync(TimeSpan.FromHours(1), () => stage.Vms.Live().Count == 0);
        Assert.Equal(VmPhase.Gone, stage.Find("vm-1").Phase);
        Assert.Empty(stage.GitHub.Board.Runners(GitHubStage.Repository));
    }

    [Fact(Timeout = Patience)]
    public async Task A_repository_that_is_hidden_does_not_prove_that_the_registration_is_gone()
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddOnlineAsync("vm-1");
        stage.GitHub.Faults.Add(new Fault { Path = "actions/runners", Status = 404, Times = 100_000 });
        stage.Unwant("vm-1");

        await stage.RunAsync(TimeSpan.FromHours(1));
        Assert.Equal((VmPhase.Deleting, Registration.Deferred), (stage.Find("vm-1").Phase, stage.Find("vm-1").Registration));
        Assert.False(await stage.HasMachineAsync("vm-1"));

        stage.GitHub.Faults.Clear();
        await stage.RunAsync(TimeSpan.FromMinutes(10), () => stage.Vms.Live().Count == 0);
        Assert.Empty(stage.GitHub.Board.Runners(GitHubStage.Repository));
    }

    [Fact(Timeout = Patience)]
    public async Task A_repository_that_stays_hidden_is_given_up_when_GitHub_itself_has_dropped_the_registration()
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddOnlineAsync("vm-1");
        stage.GitHub.Faults.Add(new Fault { Path = "actions/runners", Status = 404, Times = 100_000 });
        stage.Unwant("vm-1");
        await stage.RunAsync(TimeSpan.FromMinutes(1));

        stage.Time.Advance(TimeSpan.FromHours(51));
        await stage.RunAsync(TimeSpan.FromMinutes(10), () => stage.Vms.Live().Count == 0);

        Assert.Equal(VmPhase.Gone, stage.Find("vm-1").Phase);
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_whose_runner_works_is_kept_for_half_a_minute_and_goes_then()
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddBusyAsync("vm-1");
        stage.Unwant("vm-1");

        await stage.RunAsync(TimeSpan.FromSeconds(20));
        Assert.True(await stage.HasMachineAsync("vm-1"));
        await stage.RunAsync(TimeSpan.FromMinutes(2));

        Assert.False(await stage.HasMachineAsync("vm-1"));
        Assert.Equal(Registration.Deferred, stage.Find("vm-1").Registration); // GitHub still says busy, and is asked again
    }

    [Fact(Timeout = Patience)]
    public async Task A_runner_that_gets_its_job_as_it_is_given_up_may_finish_it()
    {
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddOnlineAsync("vm-1");
        stage.GiveJob("vm-1"); // and the guest's word of it does not arrive in time

        await stage.RunAsync(TimeSpan.FromMinutes(60));

        Assert.Equal(ProblemCode.NoJob, stage.Find("vm-1").Failure?.Code);
        Assert.True(await stage.HasMachineAsync("vm-1"));
        await stage.RunAsync(TimeSpan.FromMinutes(70));
        Assert.False(await stage.HasMachineAsync("vm-1")); // but not beyond its lifetime
    }
}
