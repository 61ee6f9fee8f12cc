using Provisioner.Contracts;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;

namespace Provisioner.Tests.Server;

/// <summary>The host loses its power: no machine runs any more, and the store says that they do. The next server puts it right.</summary>
public sealed class HostRebootTests
{
    private const int Patience = 120_000;

    [Theory(Timeout = Patience)]
    [InlineData(SimulatedStep.GuestReady, VmPhase.Booting, "before its runner had a job. Last seen: The VM boots.")]
    [InlineData(SimulatedStep.Configure, VmPhase.Registering, "before its runner had a job. Last seen: The guest has booted")]
    [InlineData(SimulatedStep.GuestConfiguring, VmPhase.Registering, "before its runner had a job.")]
    [InlineData(SimulatedStep.GuestBusy, VmPhase.Online, "before its runner had a job. Last seen: The runner is online")]
    [InlineData(SimulatedStep.GuestDone, VmPhase.Busy, "lost while its runner worked on its job")]
    public async Task What_ran_is_said_to_be_lost_and_machine_and_registration_are_removed(SimulatedStep step, VmPhase phase, string cause)
    {
        await using var server = await StartAsync(options => options.Simulated.JobTime = TimeSpan.Zero);
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = step, Kind = SimulatedFaultKind.Hang });
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == phase);

        await RebootAsync(server);
        var events = await server.UntilGoneAsync("run-1");

        var failure = events.Select(change => change.Failure).First(failure => failure is not null)!;
        Assert.Equal(ProblemCode.StoppedEarly, failure.Code);
        Assert.Contains(cause, failure.Cause, StringComparison.Ordinal);
        await server.AssertNothingLeftAsync();
    }

    [Theory(Timeout = Patience)]
    [InlineData(SimulatedStep.List, VmPhase.Queued)]
    [InlineData(SimulatedStep.Clone, VmPhase.Cloning)]
    public async Task What_was_not_started_yet_goes_on(SimulatedStep step, VmPhase phase)
    {
        await using var server = await StartAsync();
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = step, Kind = SimulatedFaultKind.Hang });
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == phase);

        await RebootAsync(server);

        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        Assert.Single(server.GitHub.Board.Runners("acme/gpu"));
    }

    [Theory(Timeout = Patience)]
    [InlineData(SimulatedStep.Stop)]
    [InlineData(SimulatedStep.Remove)]
    public async Task What_was_being_deleted_is_gone_without_being_a_failure(SimulatedStep step)
    {
        await using var server = await StartAsync();
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = step, Kind = SimulatedFaultKind.Hang });
        using var deleted = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Deleting);

        await RebootAsync(server);
        var events = await server.UntilGoneAsync("run-1");

        Assert.All(events, change => Assert.Null(change.Failure));
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task A_whole_host_comes_back_and_the_queue_goes_on_where_the_lost_ones_were()
    {
        await using var server = await StartAsync(options => options.Vms.MaxRunning = 2);
        foreach (var id in new[] { "busy-1", "busy-2" })
        {
            await server.CreateVmAsync(id);
            await server.FollowAsync(id, change => change.Phase == VmPhase.Online);
        }

        await server.CreateVmAsync("queued");
        await server.FollowAsync("queued", change => change.Message.StartsWith("Waits as", StringComparison.Ordinal));

        await RebootAsync(server);

        await server.UntilGoneAsync("busy-1");
        await server.UntilGoneAsync("busy-2");
        await server.FollowAsync("queued", change => change.Phase == VmPhase.Online);
        Assert.Equal(["queued"], server.GitHub.Board.Runners("acme/gpu").Select(runner => runner.Name));
    }

    private static async Task RebootAsync(RunningServer server)
    {
        var rows = server.Vms.Live();
        var host = await server.StopAsync();
        foreach (var vm in rows)
        {
            host.CutPower(vm.Id);
        }

        host.Faults.Clear();
        await server.StartAgainAsync(host);
    }

    private static Task<RunningServer> StartAsync(Action<ServerOptions>? configure = null) => RunningServer.StartAsync(options =>
    {
        options.Vms.StopGrace = TimeSpan.Zero;
        options.Simulated.Deadline = TimeSpan.FromDays(1);
        configure?.Invoke(options);
    });
}
