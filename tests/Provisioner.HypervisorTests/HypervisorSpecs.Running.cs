using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests;

public abstract partial class HypervisorSpecs
{
    [Fact(Timeout = Patience)]
    public async Task A_machine_starts_or_fails_clearly_and_is_left_switched_off()
    {
        var id = await CloneAsync("lame");

        var failure = await Record.ExceptionAsync(() => Hypervisor.EnsureStartedAsync(id, Token));

        if (Rig.CannotStart is null)
        {
            Assert.Null(failure);
        }
        else
        {
            Assert.Equal(HypervisorFault.CannotStart, Assert.IsType<HypervisorException>(failure).Fault);
            Assert.NotEmpty(failure.Message);
        }

        Assert.Equal(Rig.CannotStart is null ? VmPower.On : VmPower.Off, await PowerAsync(id));
        await Hypervisor.EnsureGoneAsync(id, Token);
        AssertNoFilesLeft();
    }

    [Fact(Timeout = Patience)]
    public async Task A_started_machine_runs_and_watchers_are_told()
    {
        RequireStart();
        var id = await CloneAsync("run");
        var told = PowerChangeAsync(Hypervisor, id);

        await Hypervisor.EnsureStartedAsync(id, Token);

        Assert.Equal(VmPower.On, await PowerAsync(id));
        await told;
    }

    [Fact(Timeout = Patience)]
    public async Task Starting_twice_is_starting_once()
    {
        var id = await RunAsync("again");
        await Hypervisor.EnsureStartedAsync(id, Token);

        Assert.Equal([new SeenVm(id, VmPower.On)], await Hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_can_be_switched_off_at_once_and_started_again()
    {
        var id = await RunAsync("reboot");
        await Hypervisor.EnsureStoppedAsync(id, TimeSpan.Zero, Token);
        var stopped = await PowerAsync(id);

        await Hypervisor.EnsureStartedAsync(id, Token);

        Assert.Equal(VmPower.Off, stopped);
        Assert.Equal(VmPower.On, await PowerAsync(id));
    }

    [Fact(Timeout = Patience)]
    public async Task A_guest_that_is_asked_to_stop_powers_off_of_itself_within_its_grace()
    {
        RequireGuest();
        var id = await RunAsync("polite");
        await ReportAsync(Hypervisor, id, GuestPhase.Ready);

        // Far longer than a guest needs: the spec's own timeout fails if the driver merely waits for the grace to pass.
        await Hypervisor.EnsureStoppedAsync(id, TimeSpan.FromMinutes(15), Token);

        Assert.Equal(VmPower.Off, await PowerAsync(id));
    }

    [Fact(Timeout = Patience)]
    public async Task A_guest_that_does_not_listen_is_switched_off_when_its_grace_has_passed()
    {
        var id = await RunAsync("stubborn");

        // It has just been switched on: nothing in it can hear the request yet.
        await Hypervisor.EnsureStoppedAsync(id, TimeSpan.FromMilliseconds(200), Token);

        Assert.Equal(VmPower.Off, await PowerAsync(id));
    }

    [Fact(Timeout = Patience)]
    public async Task Watchers_are_told_when_a_machine_stops()
    {
        var id = await RunAsync("told");
        var told = PowerChangeAsync(Hypervisor, id);

        await Hypervisor.EnsureStoppedAsync(id, TimeSpan.Zero, Token);

        await told;
    }

    [Fact(Timeout = Patience)]
    public async Task Stopping_a_machine_that_is_off_or_not_there_is_success()
    {
        var id = await CloneAsync("still");

        await Hypervisor.EnsureStoppedAsync(id, TimeSpan.FromSeconds(1), Token);
        await Hypervisor.EnsureStoppedAsync(VmId.Parse("nowhere"), TimeSpan.FromSeconds(1), Token);

        Assert.Equal(VmPower.Off, await PowerAsync(id));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_is_not_there_can_be_neither_started_nor_configured()
    {
        var nowhere = VmId.Parse("nowhere");

        var start = await Assert.ThrowsAsync<HypervisorException>(() => Hypervisor.EnsureStartedAsync(nowhere, Token));
        var configure = await Assert.ThrowsAsync<HypervisorException>(() => Hypervisor.ConfigureAsync(nowhere, Rig.Configuration, Token));

        Assert.Equal([HypervisorFault.NotFound, HypervisorFault.NotFound], [start.Fault, configure.Fault]);
        Assert.Empty(await Hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_is_not_there_cannot_be_told_for_whom_it_works()
    {
        var failure = await Assert.ThrowsAsync<HypervisorException>(
            () => Hypervisor.EnsureLabelledAsync(VmId.Parse("nowhere"), new GuestLabels("nowhere", "acme", "widgets"), Token));

        Assert.Equal(HypervisorFault.NotFound, failure.Fault);
        Assert.Empty(await Hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_was_made_for_nobody_can_be_told_again_and_again_for_whom_it_works()
    {
        RequireGuest();
        var specification = Specify("nobodys") with { Owner = "", Repository = "" };
        await Hypervisor.EnsureClonedAsync(specification, Token);
        await Hypervisor.EnsureStartedAsync(specification.Id, Token);
        await ReportAsync(Hypervisor, specification.Id, GuestPhase.Ready);

        await Hypervisor.EnsureLabelledAsync(specification.Id, new GuestLabels("run-1", "acme", "widgets"), Token);
        await Hypervisor.EnsureLabelledAsync(specification.Id, new GuestLabels("run-1", "acme", "widgets"), Token);
        await Hypervisor.ConfigureAsync(specification.Id, Rig.Configuration, Token);

        Assert.NotEqual(GuestPhase.Failed, (await ReportAsync(Hypervisor, specification.Id, GuestPhase.Online)).Phase);
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_is_off_cannot_be_configured_and_the_secret_stays_secret()
    {
        var id = await CloneAsync("off");

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => Hypervisor.ConfigureAsync(id, Rig.Configuration, Token));

        Assert.Equal(HypervisorFault.NotFound, failure.Fault);
        Assert.DoesNotContain(Rig.Configuration.EncodedJitConfig[..40], failure.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task The_console_of_a_running_machine_can_be_read()
    {
        RequireGuest();
        var id = await RunAsync("talks");
        await ReportAsync(Hypervisor, id, GuestPhase.Ready);

        var console = await Hypervisor.ReadConsoleAsync(id, Token);

        Assert.NotEmpty(console);
        Assert.True(console.Length <= 64 * 1024);
    }

    [Fact(Timeout = Patience)]
    public async Task The_console_of_a_machine_that_never_ran_or_is_not_there_is_empty()
    {
        var id = await CloneAsync("mute");

        Assert.Empty(await Hypervisor.ReadConsoleAsync(id, Token));
        Assert.Empty(await Hypervisor.ReadConsoleAsync(VmId.Parse("nowhere"), Token));
    }
}
