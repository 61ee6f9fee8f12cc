using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Placement;
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
    public void The_next_deadline_is_the_moment_from_which_on_the_server_acts()
    {
        var life = Vm() with { PlacedAt = Noon, ClonedAt = Noon };
        Vm[] states =
        [
            Vm(), life, life with { StartedAt = Noon }, life with { StartedAt = Noon, ReadyAt = Noon, Guest = GuestPhase.Ready },
            life with { StartedAt = Noon, ReadyAt = Noon, OnlineAt = Noon, Guest = GuestPhase.Online },
            life with { StartedAt = Noon, OnlineAt = Noon, BusyAt = Noon, Guest = GuestPhase.Busy },
            life with { StartedAt = Noon, OnlineAt = Noon, BusyAt = Noon, DoneAt = Noon, Guest = GuestPhase.Done },
            Vm() with { ExpiresAt = Noon.AddMinutes(1) },
        ];

        Assert.All(states, vm =>
        {
            var next = VmDeadlines.Next(vm, Options)!;
            Assert.Equal(vm, VmDeadlines.Check(vm, Options, next.At - Moment));
            Assert.NotEqual(vm, VmDeadlines.Check(vm, Options, next.At + Moment));
        });
        Assert.Equal(6, states.Select(vm => VmDeadlines.Next(vm, Options)!.Then).Distinct().Count());
        Assert.Null(VmDeadlines.Next(Vm().NotWanted("enough"), Options));
    }

    [Fact]
    public void A_warm_vm_goes_when_it_is_too_old_which_is_no_failure_and_no_other_deadline_but_that_of_its_boot_holds_for_it()
    {
        var warm = Vm() with { Warm = "recipe", PlacedAt = Noon, StartedAt = Noon, ReadyAt = Noon, Guest = GuestPhase.Ready, ExpiresAt = Noon };

        Assert.Equal(warm, VmDeadlines.Check(warm, Options, Noon + Options.WarmMaxAge - Moment));
        var old = VmDeadlines.Check(warm, Options, Noon + Options.WarmMaxAge);
        Assert.Equal((Wanted.Gone, null, "It is 06:00:00 old, and a warm VM may not be older (vms.warmMaxAge). A fresh one takes its place."), (old.Wanted, old.Failure, old.Reason));

        var silent = warm with { Guest = null, ReadyAt = null };
        Assert.Equal(silent, VmDeadlines.Check(silent, Options, Noon + Options.BootTimeout));
        Assert.Equal(ProblemCode.GuestSilent, VmDeadlines.Check(silent, Options, Noon + Options.BootTimeout + Moment).Failure?.Code);
    }

    [Fact]
    public void Who_took_a_warm_vm_has_all_the_time_of_one_whose_guest_has_just_booted()
    {
        var warm = Vm("warm-1") with { Warm = "recipe", ClonedAt = Noon, StartedAt = Noon, ReadyAt = Noon, Guest = GuestPhase.Ready };
        var later = Noon.AddHours(5);

        var vm = (Vm() with { CreatedAt = later, ExpiresAt = later.AddHours(2) }).TookOver(warm, Resources.None, later);

        Assert.Equal(vm, VmDeadlines.Check(vm, Options, later + Options.RegistrationTimeout));
        Assert.Equal(ProblemCode.GuestSilent, VmDeadlines.Check(vm, Options, later + Options.RegistrationTimeout + Moment).Failure?.Code);
    }

    [Fact]
    public void A_guest_that_never_reports_fails_after_the_boot_timeout()
    {
        var booting = Vm() with { StartedAt = Noon };

        Assert.Equal(booting, VmDeadlines.Check(booting, Options, Noon + Options.BootTimeout));
        Assert.Equal(ProblemCode.GuestSilent, VmDeadlines.Check(booting, Options, Noon + Options.BootTimeout + Moment).Failure?.Code);
    }

    [Fact]
    public void A_vm_that_cannot_be_cloned_for_a_trouble_that_may_pass_fails_with_it_when_it_has_not()
    {
        var trouble = new VmFailure(ProblemCode.GitHubUnavailable, "GitHub is down.", "Wait.");
        var cloning = Vm() with { PlacedAt = Noon, ClonedAt = Noon, Trouble = trouble };

        Assert.Equal(cloning, VmDeadlines.Check(cloning, Options, Noon + Options.RegistrationTimeout));
        Assert.Equal(trouble, VmDeadlines.Check(cloning, Options, Noon + Options.RegistrationTimeout + Moment).Failure);
        Assert.Equal(Noon + Options.RegistrationTimeout, VmDeadlines.Next(cloning, Options)?.At);
        var untroubled = cloning with { Trouble = null };
        Assert.Equal(untroubled, VmDeadlines.Check(untroubled, Options, Noon + Options.RegistrationTimeout + Moment));
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
