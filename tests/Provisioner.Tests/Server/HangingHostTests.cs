using System.Net;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Server;

/// <summary>Calls of the hypervisor that never return: they hold up their own VM, and nothing else.</summary>
public sealed class HangingHostTests
{
    private const int Patience = 120_000;

    private static readonly TimeSpan Review = TimeSpan.FromMinutes(1);

    /// <summary>How long a pass waits for the list before deadlines are looked at again.</summary>
    private static readonly TimeSpan WithoutList = Review / 2;

    [Fact(Timeout = Patience)]
    public async Task A_list_that_never_comes_stops_no_deadline_and_no_request_and_is_asked_for_again()
    {
        var clock = new JumpingClock();
        await using var server = await StartAsync(clock);
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.GuestReady, Kind = SimulatedFaultKind.Hang });
        await server.CreateVmAsync("silent");
        await server.FollowAsync("silent", change => change.Phase == VmPhase.Booting);
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.List, Kind = SimulatedFaultKind.Never, Times = 1 });

        await clock.PassUntilAsync(Review, () => Find(server, "silent").Failure is not null, WithoutList);
        using var answer = await server.Http.GetAsync("/v1/vms/silent", TestContext.Current.CancellationToken);
        await clock.PassUntilAsync(Review, () => Find(server, "silent").GoneAt is not null, WithoutList);

        Assert.Equal(ProblemCode.GuestSilent, Find(server, "silent").Failure!.Code);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task An_action_that_never_returns_holds_up_its_own_vm_alone_and_its_owner_is_told()
    {
        var clock = new JumpingClock();
        await using var server = await StartAsync(clock);
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.Clone, Kind = SimulatedFaultKind.Never, IdPrefix = "stuck" });

        await server.CreateVmAsync("stuck");
        await server.FollowAsync("stuck", change => change.Phase == VmPhase.Cloning);
        await server.CreateVmAsync("fine");
        await server.FollowAsync("fine", change => change.Phase == VmPhase.Online);
        await clock.PassUntilAsync(Review, () => Find(server, "stuck").Reason.Contains("Clone does not come back", StringComparison.Ordinal));
        await clock.PassUntilAsync(Review, () => Find(server, "stuck").Failure is not null);

        Assert.Equal(ProblemCode.LifetimeOver, Find(server, "stuck").Failure!.Code);
        await server.StopAsync(TimeSpan.FromSeconds(1));
    }

    [Fact(Timeout = Patience)]
    public async Task A_start_that_never_returns_does_not_keep_the_server_from_stopping()
    {
        var server = await RunningServer.StartAsync();
        await using var ends = server;
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.Start, Kind = SimulatedFaultKind.Never });
        await server.CreateVmAsync("stuck");
        await server.FollowAsync("stuck", change => change.Phase == VmPhase.Booting);

        await server.StopAsync(TimeSpan.FromSeconds(1));
    }

    [Fact(Timeout = Patience)]
    public async Task A_console_that_is_never_read_does_not_keep_a_failure_from_being_told()
    {
        var clock = new JumpingClock();
        await using var server = await StartAsync(clock);
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.ReadConsole, Kind = SimulatedFaultKind.Never });
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.GuestReady, Kind = SimulatedFaultKind.Hang });
        await server.CreateVmAsync("silent");
        await server.FollowAsync("silent", change => change.Phase == VmPhase.Booting);

        await clock.PassUntilAsync(Review, () => Find(server, "silent").GoneAt is not null);

        Assert.Equal(ProblemCode.GuestSilent, Find(server, "silent").Failure!.Code);
    }

    [Fact(Timeout = Patience)]
    public async Task No_more_machines_than_allowed_are_worked_on_at_a_time_and_one_that_hangs_counts_no_longer()
    {
        var clock = new JumpingClock();
        await using var server = await StartAsync(clock, options => options.Vms.MaxActions = 1);
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.Clone, Kind = SimulatedFaultKind.Never, IdPrefix = "stuck" });
        await server.CreateVmAsync("stuck");
        await server.FollowAsync("stuck", change => change.Phase == VmPhase.Cloning);

        await server.CreateVmAsync("next");
        await clock.PassAsync(Review);
        await clock.PassAsync(Review);
        var waiting = Find(server, "next").Phase;
        await clock.PassUntilAsync(Review, () => Find(server, "next").Phase != VmPhase.Queued);
        await server.FollowAsync("next", change => change.Phase == VmPhase.Online);

        Assert.Equal(VmPhase.Queued, waiting);
        Assert.Equal(VmPhase.Cloning, Find(server, "stuck").Phase);
        await server.StopAsync(TimeSpan.FromSeconds(1));
    }

    private static Vm Find(RunningServer server, string id) => server.Vms.Find(VmId.Parse(id))!;

    private static Task<RunningServer> StartAsync(JumpingClock clock, Action<ServerOptions>? configure = null) => RunningServer.StartAsync(
        options =>
        {
            options.Vms.ReviewPeriod = Review;
            options.Vms.StopGrace = TimeSpan.Zero;
            configure?.Invoke(options);
        },
        clock);
}
