using Microsoft.Extensions.Configuration;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;

namespace Provisioner.Tests.Simulated;

public sealed class SimulatedFaultTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 15_000)]
    public async Task A_verb_fails_as_many_times_as_asked_and_does_nothing()
    {
        await using var simulated = new SimulatedFixture(SimulatedOptions.Instant);
        simulated.Hypervisor.Faults.Add(new() { Step = SimulatedStep.Clone, Fault = HypervisorFault.DiskFull, Message = "Full.", Times = 2 });

        for (var i = 0; i < 2; i++)
        {
            var failure = await Assert.ThrowsAsync<HypervisorException>(() => simulated.CloneAsync("vm"));
            Assert.Equal((HypervisorFault.DiskFull, "Full."), (failure.Fault, failure.Message));
            Assert.Empty(await simulated.Hypervisor.ListAsync(Token));
        }

        await simulated.CloneAsync("vm");
    }

    [Fact(Timeout = 15_000)]
    public async Task A_verb_can_fail_although_it_did_its_work()
    {
        await using var simulated = new SimulatedFixture(SimulatedOptions.Instant);
        simulated.Hypervisor.Faults.Add(new() { Step = SimulatedStep.Clone, Kind = SimulatedFaultKind.FailAfterwards, Times = 1 });

        await Assert.ThrowsAsync<HypervisorException>(() => simulated.CloneAsync("vm"));

        Assert.Equal(VmPower.Off, await simulated.PowerAsync(VmId.Parse("vm")));
    }

    [Fact(Timeout = 15_000)]
    public async Task A_hanging_verb_fails_when_its_deadline_has_passed()
    {
        var options = SimulatedOptions.Instant;
        options.Deadline = TimeSpan.FromSeconds(30);
        await using var simulated = new SimulatedFixture(options);
        simulated.Hypervisor.Faults.Add(new() { Step = SimulatedStep.List, Kind = SimulatedFaultKind.Hang });

        var listing = simulated.Hypervisor.ListAsync(Token);
        simulated.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(listing.IsCompleted);
        simulated.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(HypervisorFault.TimedOut, (await Assert.ThrowsAsync<HypervisorException>(() => listing)).Fault);
    }

    [Fact(Timeout = 15_000)]
    public async Task A_fault_can_be_for_some_machines_only_and_be_taken_back()
    {
        await using var simulated = new SimulatedFixture(SimulatedOptions.Instant);
        simulated.Hypervisor.Faults.Add(new() { Step = SimulatedStep.Start, IdPrefix = "bad-" });
        var bad = await simulated.CloneAsync("bad-1");

        await simulated.RunAsync("good-1");
        await Assert.ThrowsAsync<HypervisorException>(() => simulated.Hypervisor.EnsureStartedAsync(bad, Token));
        Assert.Equal(VmPower.Off, await simulated.PowerAsync(bad));

        simulated.Hypervisor.Faults.Clear();
        await simulated.Hypervisor.EnsureStartedAsync(bad, Token);
    }

    [Fact(Timeout = 15_000)]
    public async Task A_guest_can_report_failure_and_power_off()
    {
        await using var simulated = new SimulatedFixture(SimulatedOptions.Instant);
        simulated.Hypervisor.Faults.Add(new() { Step = SimulatedStep.GuestOnline, Message = "no network" });
        var id = await simulated.RunAsync("vm");
        var reports = simulated.ReportsUntilAsync(id, GuestPhase.Failed);
        var off = simulated.PowerChangeAsync(id);

        await simulated.Hypervisor.ConfigureAsync(id, new("c2VjcmV0"), Token);

        Assert.Equal(new GuestReport(GuestPhase.Failed, "no network"), (await reports)[^1]);
        await off;
        Assert.Equal(VmPower.Off, await simulated.PowerAsync(id));
        Assert.Contains("no network", await simulated.Hypervisor.ReadConsoleAsync(id, Token), StringComparison.Ordinal);
    }

    [Theory(Timeout = 15_000)]
    [InlineData(SimulatedFaultKind.Hang, VmPower.On)]
    [InlineData(SimulatedFaultKind.Crash, VmPower.Off)]
    public async Task A_guest_can_fall_silent_or_crash_while_it_boots(SimulatedFaultKind kind, VmPower expected)
    {
        await using var simulated = new SimulatedFixture(SimulatedOptions.Instant);
        simulated.Hypervisor.Faults.Add(new() { Step = SimulatedStep.GuestReady, Kind = kind });

        var id = await simulated.RunAsync("vm");
        simulated.Time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(expected, await simulated.PowerAsync(id));
        Assert.Equal("Booting.\n", await simulated.Hypervisor.ReadConsoleAsync(id, Token));
    }

    [Fact(Timeout = 15_000)]
    public async Task A_guest_can_ignore_that_it_is_asked_to_stop()
    {
        await using var simulated = new SimulatedFixture(SimulatedOptions.Instant);
        simulated.Hypervisor.Faults.Add(new() { Step = SimulatedStep.GuestStop, Kind = SimulatedFaultKind.Hang });
        var id = await simulated.RunAsync("deaf");

        var stopping = simulated.Hypervisor.EnsureStoppedAsync(id, TimeSpan.FromSeconds(10), Token);
        simulated.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(stopping.IsCompleted);
        simulated.Time.Advance(TimeSpan.FromSeconds(1));
        await stopping;

        Assert.Equal(VmPower.Off, await simulated.PowerAsync(id));
    }

    [Fact(Timeout = 15_000)]
    public async Task Faults_and_latencies_come_from_the_configuration()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Simulated:CloneTime"] = "00:00:00",
            ["Simulated:Images:0"] = "base",
            ["Simulated:Faults:0:Step"] = "Clone",
            ["Simulated:Faults:0:Kind"] = "Fail",
            ["Simulated:Faults:0:Fault"] = "DiskFull",
            ["Simulated:Faults:0:Times"] = "1",
        }).Build();
        await using var simulated = new SimulatedFixture(configuration.GetSection(SimulatedOptions.Section).Get<SimulatedOptions>()!);

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => simulated.CloneAsync("vm"));

        Assert.Equal(HypervisorFault.DiskFull, failure.Fault);
        await simulated.CloneAsync("vm");
    }
}
