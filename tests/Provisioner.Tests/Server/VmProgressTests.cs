using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Server;

public sealed class VmProgressTests
{
    [Fact]
    public void A_vm_that_is_asked_for_again_follows_the_later_attempt_and_no_run_where_two_want_it()
    {
        var vm = Vm() with { Run = new WorkflowRun(7, 2) };

        Assert.Equal(new WorkflowRun(7, 3), vm.AskedForAgain(new WorkflowRun(7, 3)).Run);
        Assert.Equal(new WorkflowRun(7, 2), vm.AskedForAgain(new WorkflowRun(7, 1)).Run);
        Assert.Null(vm.AskedForAgain(new WorkflowRun(8, 1)).Run);
        Assert.Null(vm.AskedForAgain(null).Run);
        Assert.Null(Vm().AskedForAgain(new WorkflowRun(7, 1)).Run);
    }

    [Fact]
    public void A_guests_report_moves_the_vm_forward_and_notes_the_time()
    {
        var ready = Vm().Reported(new GuestReport(GuestPhase.Ready), Noon);
        var online = ready.Reported(new GuestReport(GuestPhase.Online), Noon.AddSeconds(3));

        Assert.Equal((VmPhase.Registering, Noon), (ready.Phase, ready.ReadyAt));
        Assert.Equal((VmPhase.Online, Noon.AddSeconds(3)), (online.Phase, online.OnlineAt));
    }

    [Fact]
    public void An_older_report_that_arrives_again_changes_nothing()
    {
        var online = Vm().Reported(new GuestReport(GuestPhase.Online), Noon);

        Assert.Equal(online, online.Reported(new GuestReport(GuestPhase.Ready), Noon.AddMinutes(1)));
    }

    [Fact]
    public void What_a_guest_says_after_the_vm_is_unwanted_does_not_bring_it_back()
    {
        var unwanted = Vm().NotWanted("somebody asked");

        Assert.Equal(unwanted, unwanted.Reported(new GuestReport(GuestPhase.Online), Noon));
    }

    [Fact]
    public void The_first_failure_is_kept_as_the_cause()
    {
        var failed = Vm().Failed(new VmFailure("first", "cause", "remedy")).Failed(new VmFailure("second", "cause", "remedy"));

        Assert.Equal("first", failed.Failure?.Code);
    }

    [Theory]
    [InlineData(null, false, "Absent")]
    [InlineData(null, true, "Lost")]
    [InlineData("Off", false, "Fresh")]
    [InlineData("Off", true, "Ended")]
    [InlineData("On", true, "Booting")]
    [InlineData("Broken", true, "Broken")]
    public void What_is_seen_is_the_hypervisors_word_and_whether_the_vm_was_ever_started(string? power, bool started, string seen)
    {
        var vm = Vm() with { StartedAt = started ? Noon : null };

        Assert.Equal(Enum.Parse<Seen>(seen), vm.See(power is null ? null : Enum.Parse<VmPower>(power)));
    }

    [Fact]
    public void A_ready_guest_waits_until_it_was_given_its_configuration()
    {
        var ready = Vm() with { StartedAt = Noon, Guest = GuestPhase.Ready };

        Assert.Equal(Seen.Waiting, ready.See(VmPower.On));
        Assert.Equal(Seen.Working, (ready with { ConfiguredAt = Noon }).See(VmPower.On));
    }
}
