using System.Net;
using System.Net.Http.Json;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.WarmVms;

namespace Provisioner.Tests.Server;

/// <summary>Warm VMs, as callers and operators meet them.</summary>
public sealed class WarmSlotTests
{
    private const int Patience = 60_000;

    [Fact(Timeout = Patience)]
    public async Task A_request_takes_a_warm_vm_which_is_registered_under_the_requests_own_name_only_then()
    {
        await using var server = await StartAsync(warm: 1);
        var machine = await ReadyAsync(server);
        Assert.Empty(server.GitHub.Board.Runners("acme/gpu"));

        await server.CreateVmAsync("run-1");
        var events = await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        Assert.Equal([VmPhase.Queued, VmPhase.Registering, VmPhase.Online], events.Select(change => change.Phase).Distinct());
        Assert.Equal(machine.Value, (await GetAsync(server, "run-1")).Machine);
        Assert.Equal(["run-1"], server.GitHub.Board.Runners("acme/gpu").Select(runner => runner.Name));
        Assert.Equal(("run-1", "acme", "gpu"), Labels(server, machine));
    }

    [Fact(Timeout = Patience)]
    public async Task What_was_taken_is_replaced_and_what_has_done_its_job_is_gone_with_its_machine()
    {
        await using var server = await StartAsync(warm: 1, options => options.Simulated.JobTime = TimeSpan.Zero);
        var machine = await ReadyAsync(server);

        await server.CreateVmAsync("run-1");
        var events = await server.UntilGoneAsync("run-1");

        Assert.All(events, change => Assert.Null(change.Failure));
        Assert.NotEqual(machine, await ReadyAsync(server));
        Assert.DoesNotContain(await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken), seen => seen.Id == machine);
        Assert.Empty(server.GitHub.Board.Runners("acme/gpu"));
    }

    [Fact(Timeout = Patience)]
    public async Task Callers_do_not_see_warm_vms_as_theirs_and_cannot_touch_or_imitate_them()
    {
        await using var server = await StartAsync(warm: 1);
        server.Cover("*/*");
        var machine = await ReadyAsync(server);

        Assert.Equal("[]", await server.Http.GetStringAsync("/v1/vms", TestContext.Current.CancellationToken));
        using var look = await server.Http.GetAsync($"/v1/vms/{machine}", TestContext.Current.CancellationToken);
        using var delete = await server.Http.DeleteAsync($"/v1/vms/{machine}", TestContext.Current.CancellationToken);
        using var follow = await server.Http.GetAsync($"/v1/vms/{machine}/events", TestContext.Current.CancellationToken);
        using var create = await server.CreateAsync($$"""{"image": "debian-12", "id": "{{machine}}", "repository": "acme/gpu"}""");

        Assert.Equal(
            (HttpStatusCode.NotFound, HttpStatusCode.NoContent, HttpStatusCode.NotFound, HttpStatusCode.BadRequest),
            (look.StatusCode, delete.StatusCode, follow.StatusCode, create.StatusCode));
        Assert.Equal(Wanted.Present, server.Vms.Find(machine)!.Wanted);
    }

    [Fact(Timeout = Patience)]
    public async Task The_list_of_images_tells_how_many_wait_and_why_there_are_fewer()
    {
        await using var server = await StartAsync(warm: 1, options => options.Images["cold"] = new ImageOptions { Source = "base" });
        await ReadyAsync(server);

        var images = await server.Http.GetFromJsonAsync("/v1/images", WireJson.Default.ImageViewArray, TestContext.Current.CancellationToken);

        Assert.Equal([("cold", null), ("debian-12", new WarmView(1, 1, null))], images!.Select(image => (image.Alias, image.Warm)));
    }

    [Fact(Timeout = Patience)]
    public async Task A_cold_request_on_a_full_host_gets_the_room_of_a_warm_vm()
    {
        await using var server = await StartAsync(warm: 1, options => options.Vms.MaxRunning = 1);
        var machine = await ReadyAsync(server);

        using var created = await server.CreateAsync("""{"image": "debian-12", "id": "run-1", "memory": 512}""");
        var events = await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        Assert.Contains(events, change => change.Message == "Waits as number 1 of 1: a warm VM makes room for it.");
        Assert.Equal(["run-1"], (await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken)).Select(seen => seen.Id.Value));
        Assert.Equal(Wanted.Gone, server.Vms.Find(machine)!.Wanted);
    }

    [Fact(Timeout = Patience)]
    public async Task A_warm_vm_whose_guest_dies_while_it_waits_is_replaced_and_given_to_nobody()
    {
        await using var server = await StartAsync(warm: 1);
        var machine = await ReadyAsync(server);

        server.Hypervisor.Host.CutPower(machine);
        var dead = await UntilAsync(server, vm => vm.Id == machine && vm.Failure is not null);
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        Assert.Equal(ProblemCode.StoppedEarly, dead.Failure!.Code);
        Assert.NotEqual(machine.Value, (await GetAsync(server, "run-1")).Machine);
    }

    [Theory(Timeout = Patience)]
    [InlineData(SimulatedStep.Clone)]
    [InlineData(SimulatedStep.Start)]
    [InlineData(SimulatedStep.GuestReady)]
    public async Task A_warm_vm_that_fails_leaves_nothing_and_its_cause_is_told_with_the_image(SimulatedStep step)
    {
        await using var server = await StartAsync(warm: 2, faults: new SimulatedFault { Step = step, Message = "As asked." });

        await UntilAsync(server, vm => vm is { Failure: not null, GoneAt: not null });
        var image = Assert.Single((await server.Http.GetFromJsonAsync("/v1/images", WireJson.Default.ImageViewArray, TestContext.Current.CancellationToken))!);

        Assert.Equal((2, 0), (image.Warm!.Wanted, image.Warm.Ready));
        Assert.Contains("As asked.", image.Warm.Problem, StringComparison.Ordinal);
        Assert.InRange(All(server).Count, 1, 2); // and no further one before the pause is over
    }

    [Fact(Timeout = Patience)]
    public async Task A_request_does_not_wait_for_the_pause_after_failures_of_warm_vms()
    {
        await using var server = await StartAsync(warm: 1, faults: new SimulatedFault { Step = SimulatedStep.Clone, Message = "As asked.", Times = 1 });
        await UntilAsync(server, vm => vm is { Failure: not null, GoneAt: not null });

        await server.CreateVmAsync("run-1");

        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
    }

    [Fact(Timeout = Patience)]
    public async Task A_server_that_starts_again_gives_out_the_warm_vms_that_it_finds()
    {
        await using var server = await StartAsync(warm: 1);
        var machine = await ReadyAsync(server);

        await server.StartAgainAsync(await server.StopAsync());
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        Assert.Equal(machine.Value, (await GetAsync(server, "run-1")).Machine);
    }

    [Fact(Timeout = Patience)]
    public async Task What_stood_warm_goes_when_the_next_server_is_not_to_keep_any()
    {
        var images = new Dictionary<string, ImageOptions>();
        await using var server = await StartAsync(warm: 1, options => images = options.Images);
        await ReadyAsync(server);

        var host = await server.StopAsync();
        images["debian-12"].Warm = 0;
        await server.StartAgainAsync(host);

        await UntilAsync(server, vm => vm.GoneAt is not null);
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task A_server_that_starts_again_after_its_host_lost_its_power_makes_new_ones()
    {
        await using var server = await StartAsync(warm: 1);
        var machine = await ReadyAsync(server);

        var host = await server.StopAsync();
        host.CutPower(machine);
        await server.StartAgainAsync(host);

        var lost = await UntilAsync(server, vm => vm.Id == machine && vm.GoneAt is not null);
        Assert.Equal(ProblemCode.StoppedEarly, lost.Failure!.Code);
        Assert.DoesNotContain(await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken), seen => seen.Id == machine);
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_was_taken_and_whose_vm_is_deleted_is_gone()
    {
        await using var server = await StartAsync(warm: 1);
        var machine = await ReadyAsync(server);
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        using var deleted = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        await server.UntilGoneAsync("run-1");

        Assert.DoesNotContain(await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken), seen => seen.Id == machine);
        Assert.Empty(server.GitHub.Board.Runners("acme/gpu"));
    }

    [Fact(Timeout = Patience)]
    public async Task One_that_has_become_too_old_is_replaced()
    {
        await using var server = await StartAsync(warm: 1, options => options.Vms.WarmMaxAge = TimeSpan.FromSeconds(1));
        var machine = await ReadyAsync(server);

        var old = await UntilAsync(server, vm => vm.Id == machine && vm.GoneAt is not null);

        Assert.Null(old.Failure);
        Assert.NotEqual(machine, await ReadyAsync(server));
    }

    private static Task<RunningServer> StartAsync(int warm, Action<ServerOptions>? configure = null, SimulatedFault? faults = null) => RunningServer.StartAsync(options =>
    {
        options.Images["debian-12"].Warm = warm;
        options.Vms.ReviewPeriod = TimeSpan.FromMilliseconds(100);
        options.Vms.StopGrace = TimeSpan.Zero;
        options.Simulated.Faults = faults is null ? [] : [faults];
        configure?.Invoke(options);
    });

    /// <summary>The machine that waits.</summary>
    private static async Task<VmId> ReadyAsync(RunningServer server) =>
        (await UntilAsync(server, vm => vm is { Wanted: Wanted.Present, Guest: GuestPhase.Ready })).Id;

    private static (string Label, string Owner, string Repository) Labels(RunningServer server, VmId machine)
    {
        var specification = server.Hypervisor.Host.Machines[machine].Specification;
        return (specification.Label, specification.Owner, specification.Repository);
    }

    private static async Task<VmView> GetAsync(RunningServer server, string id) =>
        (await server.Http.GetFromJsonAsync($"/v1/vms/{id}", WireJson.Default.VmView, TestContext.Current.CancellationToken))!;
}
