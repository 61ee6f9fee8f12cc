using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Server;

/// <summary>The host's clock is set under a whole server, with a VM in each phase of its life: none ends before its time, and none after it.</summary>
public sealed class ClockJumpTests
{
    private const int Patience = 120_000;

    // As long as nobody else waits for: time passes by the reviews.
    private static readonly TimeSpan Review = TimeSpan.FromSeconds(61);

    [Theory(Timeout = Patience)]
    [InlineData(5)]
    [InlineData(-5)]
    [InlineData(365 * 24 * 60)]
    [InlineData(-365 * 24 * 60)]
    public async Task No_vm_in_any_phase_ends_because_the_clock_was_set_and_each_ends_when_its_time_is_over(int minutes)
    {
        var jump = TimeSpan.FromMinutes(minutes);
        var clock = new JumpingClock();
        await using var server = await StartAsync(clock);
        await InEachPhaseAsync(server);
        var before = server.Vms.Live();

        clock.Set(jump);
        await clock.PassUntilAsync(Review, () => server.Vms.Live().All(vm => vm.CreatedAt - jump == before.Single(row => row.Id == vm.Id).CreatedAt));

        Assert.All(server.Vms.Live(), vm => Assert.Equal((Wanted.Present, null), (vm.Wanted, vm.Failure)));
        Assert.Equal(before.Select(vm => vm.ExpiresAt + jump), server.Vms.Live().Select(vm => vm.ExpiresAt));
        await clock.PassUntilAsync(Review, () => Failure(server, "boots") is not null && Failure(server, "online") is not null);
        Assert.Equal((ProblemCode.GuestSilent, ProblemCode.NoJob), (Failure(server, "boots")!.Code, Failure(server, "online")!.Code));
        Assert.Null(Failure(server, "busy"));

        await clock.PassUntilAsync(Review, () => Failure(server, "busy") is not null);

        var lived = clock.GetUtcNow() - before.Single(vm => vm.Id.Value == "busy").CreatedAt - jump;
        Assert.Equal(ProblemCode.LifetimeOver, Failure(server, "busy")!.Code);
        Assert.InRange(lived, TimeSpan.FromHours(2), TimeSpan.FromHours(2) + (3 * Review));
    }

    [Fact(Timeout = Patience)]
    public async Task What_failed_before_the_clock_was_set_back_is_tried_again_as_soon_as_before()
    {
        var clock = new JumpingClock();
        await using var server = await StartAsync(clock);
        await StandingAsync(server, "run-1", SimulatedStep.GuestBusy, VmPhase.Online);
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.Remove, Times = 1 });
        using var deleted = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        await server.FollowAsync("run-1", change => change.Message.Contains("Trying again", StringComparison.Ordinal));

        clock.Set(-TimeSpan.FromDays(365));
        await clock.PassUntilAsync(Review, () => server.Vms.Find(VmId.Parse("run-1"))!.GoneAt is not null);

        await server.AssertNothingLeftAsync();
    }

    private static Task<RunningServer> StartAsync(JumpingClock clock) => RunningServer.StartAsync(
        options =>
        {
            options.Vms.MaxRunning = 5;
            options.Vms.ReviewPeriod = Review;
            options.Vms.StopGrace = TimeSpan.Zero;
            options.Simulated.JobTime = TimeSpan.Zero;
            options.Simulated.Deadline = TimeSpan.FromDays(40);
        },
        clock);

    /// <summary>One VM that waits in the queue, and one that stands still in each later phase.</summary>
    private static async Task InEachPhaseAsync(RunningServer server)
    {
        await StandingAsync(server, "clones", SimulatedStep.Clone, VmPhase.Cloning);
        await StandingAsync(server, "boots", SimulatedStep.GuestReady, VmPhase.Booting);
        await StandingAsync(server, "registers", SimulatedStep.GuestConfiguring, VmPhase.Registering);
        await StandingAsync(server, "online", SimulatedStep.GuestBusy, VmPhase.Online);
        await StandingAsync(server, "busy", SimulatedStep.GuestDone, VmPhase.Busy);
        await server.CreateVmAsync("queued");
        await server.FollowAsync("queued", change => change.Message.StartsWith("Waits as", StringComparison.Ordinal));
    }

    private static async Task StandingAsync(RunningServer server, string id, SimulatedStep step, VmPhase phase)
    {
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = step, IdPrefix = id, Kind = SimulatedFaultKind.Hang });
        await server.CreateVmAsync(id);
        await server.FollowAsync(id, change => change.Phase == phase);
    }

    private static VmFailure? Failure(RunningServer server, string id) => server.Vms.Find(VmId.Parse(id))!.Failure;
}
