using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Server;

public sealed class VmDeadlinesTests
{
    private static readonly VmOptions Options = new();
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_vm_that_gets_no_place_fails_after_the_queue_timeout_and_one_that_has_it_does_not()
    {
        var queued = Vm() with { Reason = "Waits as number 1 of 1: the device gpu0 is in use." };

        Assert.Equal(queued, VmDeadlines.Check(queued, Options, Noon + Options.QueueTimeout));
        var failure = VmDeadlines.Check(queued, Options, Noon + Options.QueueTimeout + Moment).Failure;
        Assert.Equal(ProblemCode.QueueTimeout, failure?.Code);
        Assert.Contains("the device gpu0 is in use", failure?.Cause);

        var placed = queued with { PlacedAt = Noon };
        Assert.Equal(placed, VmDeadlines.Check(placed, Options, Noon + Options.QueueTimeout + Moment));
    }

    [Fact]
    public void A_guest_that_never_reports_fails_after_the_boot_timeout()
    {
        var booting = Vm() with { StartedAt = Noon };

        Assert.Equal(booting, VmDeadlines.Check(booting, Options, Noon + Options.BootTimeout));
        Assert.Equal(ProblemCode.GuestSilent, VmDeadlines.Check(booting, Options, Noon + Options.BootTimeout + Moment).Failure?.Code);
    }

    [Fact]
    public void A_runner_that_does_not_come_online_fails_and_says_what_was_seen_last()
    {
        var waiting = Vm() with { StartedAt = Noon, ReadyAt = Noon, Guest = GuestPhase.Ready, Reason = "GitHub is down. Trying again." };

        var failure = VmDeadlines.Check(waiting, Options, Noon + Options.RegistrationTimeout + Moment).Failure;

        Assert.Contains("GitHub is down", failure?.Cause);
    }

    [Fact]
    public void What_kept_a_runner_from_coming_online_is_its_failure()
    {
        var trouble = new VmFailure(ProblemCode.GitHubUnavailable, "GitHub is down.", "Wait.");
        var waiting = Vm() with { StartedAt = Noon, ReadyAt = Noon, Guest = GuestPhase.Ready, Trouble = trouble };

        Assert.Equal(trouble, VmDeadlines.Check(waiting, Options, Noon + Options.RegistrationTimeout + Moment).Failure);
    }

    [Fact]
    public void A_runner_without_a_job_goes_after_the_idle_timeout_and_a_busy_one_does_not()
    {
        var idle = Vm() with { StartedAt = Noon, ReadyAt = Noon, OnlineAt = Noon, Guest = GuestPhase.Online };
        var later = Noon + Options.IdleTimeout + Moment;

        Assert.Equal(ProblemCode.NoJob, VmDeadlines.Check(idle, Options, later).Failure?.Code);
        Assert.Null(VmDeadlines.Check(idle with { BusyAt = Noon, Guest = GuestPhase.Busy }, Options, later).Failure);
    }

    [Fact]
    public void Every_life_ends_with_its_lifetime()
    {
        var busy = Vm() with { StartedAt = Noon, BusyAt = Noon, Guest = GuestPhase.Busy };

        Assert.Equal(busy, VmDeadlines.Check(busy, Options, busy.ExpiresAt - Moment));
        Assert.Equal(ProblemCode.LifetimeOver, VmDeadlines.Check(busy, Options, busy.ExpiresAt).Failure?.Code);
    }

    [Fact]
    public void A_guest_whose_job_is_done_and_that_does_not_power_off_is_removed_without_being_a_failure()
    {
        var done = Vm() with { StartedAt = Noon, BusyAt = Noon, DoneAt = Noon, Guest = GuestPhase.Done };

        var after = VmDeadlines.Check(done, Options, Noon.AddMinutes(2));

        Assert.Equal((Wanted.Gone, null), (after.Wanted, after.Failure));
    }
}
