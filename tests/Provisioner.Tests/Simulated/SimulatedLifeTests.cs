using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;

namespace Provisioner.Tests.Simulated;

public sealed class SimulatedLifeTests
{
    private static readonly GuestConfiguration Configuration = new("c2VjcmV0");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 15_000)]
    public async Task A_guest_lives_through_its_phases_and_powers_off_when_its_job_ends()
    {
        var options = SimulatedOptions.Instant;
        options.JobTime = TimeSpan.Zero;
        await using var simulated = new SimulatedFixture(options);
        var id = await simulated.RunAsync("good");
        var life = simulated.ReportsUntilAsync(id, GuestPhase.Done);

        await simulated.Hypervisor.ConfigureAsync(id, Configuration, Token);

        GuestPhase[] expected = [GuestPhase.Ready, GuestPhase.Configuring, GuestPhase.Online, GuestPhase.Busy, GuestPhase.Done];
        Assert.Equal(expected, (await life).Select(report => report.Phase));
        await simulated.Hypervisor.EnsureStoppedAsync(id, TimeSpan.Zero, Token);
        Assert.Equal(VmPower.Off, await simulated.PowerAsync(id));
    }

    [Fact(Timeout = 15_000)]
    public async Task Without_a_job_time_the_guest_stays_online()
    {
        await using var simulated = new SimulatedFixture(SimulatedOptions.Instant);
        var id = await simulated.RunAsync("idle");
        await simulated.Hypervisor.ConfigureAsync(id, Configuration, Token);
        await simulated.ReportsUntilAsync(id, GuestPhase.Online);

        simulated.Time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(VmPower.On, await simulated.PowerAsync(id));
    }

    [Fact(Timeout = 15_000)]
    public async Task Things_take_the_time_that_the_options_say()
    {
        await using var simulated = new SimulatedFixture(new() { CloneTime = TimeSpan.FromMinutes(1), StartTime = TimeSpan.Zero, BootTime = TimeSpan.FromMinutes(2) });

        var cloning = simulated.CloneAsync("slow");
        simulated.Time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(cloning.IsCompleted);
        simulated.Time.Advance(TimeSpan.FromSeconds(1));
        var id = await cloning;

        await simulated.Hypervisor.EnsureStartedAsync(id, Token);
        var ready = simulated.ReportsUntilAsync(id, GuestPhase.Ready);
        simulated.Time.Advance(TimeSpan.FromSeconds(119));
        Assert.False(ready.IsCompleted);
        simulated.Time.Advance(TimeSpan.FromSeconds(1));
        await ready;
    }

    [Fact(Timeout = 60_000)]
    public async Task Thousands_of_machines_live_at_once()
    {
        await using var simulated = new SimulatedFixture(SimulatedOptions.Instant);
        var names = Enumerable.Range(0, 5000).Select(i => $"vm-{i}").ToList();

        var ids = await Task.WhenAll(names.Select(simulated.RunAsync));
        foreach (var id in ids)
        {
            await simulated.Hypervisor.ConfigureAsync(id, Configuration, Token);
        }

        await simulated.ReportsUntilAsync(ids[^1], GuestPhase.Online);
        Assert.Equal(5000, (await simulated.Hypervisor.ListAsync(Token)).Count(vm => vm.Power == VmPower.On));
        await Task.WhenAll(ids.Select(id => simulated.Hypervisor.EnsureGoneAsync(id, Token)));
        Assert.Empty(await simulated.Hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = 15_000)]
    public async Task A_broken_machine_is_listed_so_and_can_only_be_removed()
    {
        await using var simulated = new SimulatedFixture(SimulatedOptions.Instant);
        var id = await simulated.CloneAsync("broken");
        simulated.Hypervisor.Host.Break(id);

        Assert.Equal(VmPower.Broken, await simulated.PowerAsync(id));
        var failure = await Assert.ThrowsAsync<HypervisorException>(() => simulated.Hypervisor.EnsureStartedAsync(id, Token));
        Assert.Equal(HypervisorFault.CannotStart, failure.Fault);

        await simulated.Hypervisor.EnsureGoneAsync(id, Token);
        Assert.Null(await simulated.PowerAsync(id));
    }

    [Fact(Timeout = 15_000)]
    public async Task A_pulled_plug_is_a_machine_that_is_off()
    {
        await using var simulated = new SimulatedFixture(SimulatedOptions.Instant);
        var id = await simulated.RunAsync("pulled");
        var told = simulated.PowerChangeAsync(id);

        simulated.Hypervisor.Host.CutPower(id);

        await told;
        Assert.Equal(VmPower.Off, await simulated.PowerAsync(id));
    }
}
