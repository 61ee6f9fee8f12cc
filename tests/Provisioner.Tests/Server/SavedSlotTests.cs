using System.Net.Http.Json;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;
using Provisioner.Server.Placement;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;
using static Provisioner.Tests.Server.WarmVms;

namespace Provisioner.Tests.Server;

/// <summary>VMs that wait switched off with their state on the disk, as callers and operators meet them.</summary>
public sealed class SavedSlotTests
{
    private const int Patience = 60_000;

    [Fact(Timeout = Patience)]
    public async Task A_vm_waits_switched_off_with_its_disk_alone_and_goes_on_for_a_request_without_a_boot()
    {
        await using var server = await StartAsync(1, options => options.Simulated.BootTime = TimeSpan.FromMilliseconds(50));
        var saved = await SavedAsync(server);
        Assert.Equal([new SeenVm(saved.Id, VmPower.Off)], await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(new Resources { Disk = Needs.DefaultDisk + Needs.DefaultMemory }, saved.Reserved);

        await server.CreateVmAsync("run-1");
        var events = await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        Assert.Equal([VmPhase.Queued, VmPhase.Booting, VmPhase.Registering, VmPhase.Online], events.Select(change => change.Phase).Distinct());
        Assert.Contains(events, change => change.Message == "The VM goes on from its saved state.");
        Assert.Equal(1, server.Hypervisor.Host.Machines[saved.Id].Starts);
        Assert.Equal(saved.Id, server.Vms.Find(VmId.Parse("run-1"))!.Machine);
        Assert.Equal(1, server.Vms.Find(VmId.Parse("run-1"))!.Reserved!.Count);
    }

    [Fact(Timeout = Patience)]
    public async Task It_survives_the_hosts_loss_of_power_as_nothing_that_runs_does()
    {
        await using var server = await StartAsync(1);
        var saved = await SavedAsync(server);

        await server.StartAgainAsync(await server.StopAsync());
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        Assert.Equal(saved.Id, server.Vms.Find(VmId.Parse("run-1"))!.Machine);
    }

    [Fact(Timeout = Patience)]
    public async Task A_full_host_keeps_saved_ones_and_a_request_waits_for_room_to_let_one_run()
    {
        await using var server = await StartAsync(1, options => options.Vms.MaxRunning = 1);
        await SavedAsync(server);
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        using var deleted = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        await server.UntilGoneAsync("run-1");

        Assert.Null((await SavedAsync(server)).Failure);
    }

    [Fact(Timeout = Patience)]
    public async Task Where_the_state_cannot_be_saved_the_cause_is_told_with_the_image_and_nothing_is_left()
    {
        await using var server = await StartAsync(1, options => options.Simulated.Faults = [new() { Step = SimulatedStep.Save, Message = "The disk is full, as asked." }]);

        await UntilAsync(server, vm => vm is { Failure: not null, GoneAt: not null });
        var image = Assert.Single((await server.Http.GetFromJsonAsync("/v1/images", WireJson.Default.ImageViewArray, TestContext.Current.CancellationToken))!);

        Assert.Null(image.Warm);
        Assert.Equal((1, 0), (image.Saved!.Wanted, image.Saved.Ready));
        Assert.Contains("as asked", image.Saved.Problem, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_is_lost_while_it_is_off_is_replaced()
    {
        await using var server = await StartAsync(1);
        var saved = await SavedAsync(server);

        await server.Hypervisor.EnsureGoneAsync(saved.Id, TestContext.Current.CancellationToken);

        await UntilAsync(server, vm => vm.Id != saved.Id && vm is { Wanted: Wanted.Present, SavedAt: not null });
        Assert.NotNull(server.Vms.Find(saved.Id)!.Failure);
    }

    [Fact(Timeout = Patience)]
    public async Task One_that_has_become_too_old_is_replaced_and_none_is_kept_when_none_is_wanted()
    {
        var images = new Dictionary<string, ImageOptions>();
        await using var server = await StartAsync(1, options =>
        {
            options.Vms.WarmMaxAge = TimeSpan.FromSeconds(1);
            images = options.Images;
        });
        var saved = await SavedAsync(server);
        Assert.Null((await UntilAsync(server, vm => vm.Id == saved.Id && vm.GoneAt is not null)).Failure);

        var host = await server.StopAsync();
        images["debian-12"].Saved = 0;
        await server.StartAgainAsync(host);

        await UntilAsync(server, _ => All(server).All(vm => vm.GoneAt is not null));
        await server.AssertNothingLeftAsync();
    }

    [Theory]
    [InlineData(VmPower.On, nameof(Seen.GaveUp))]
    [InlineData(VmPower.Off, nameof(Seen.Ended))]
    public void A_guest_that_fails_before_its_state_is_saved_is_given_to_nobody(VmPower power, string seen)
    {
        var vm = Vm() with { Warm = "debian", Saves = true, StartedAt = Noon, ReadyAt = Noon, SavingAt = Noon, Guest = GuestPhase.Failed };

        Assert.Equal(seen, vm.See(power).ToString());
        Assert.Null(vm.Saved(Noon).SavedAt);
    }

    private static Task<RunningServer> StartAsync(int saved, Action<ServerOptions>? configure = null) => RunningServer.StartAsync(options =>
    {
        options.Images["debian-12"].Saved = saved;
        options.Vms.SaveAfter = TimeSpan.Zero;
        options.Vms.ReviewPeriod = TimeSpan.FromMilliseconds(100);
        options.Vms.StopGrace = TimeSpan.Zero;
        configure?.Invoke(options);
    });

    private static Task<Vm> SavedAsync(RunningServer server) => UntilAsync(server, vm => vm is { Wanted: Wanted.Present, SavedAt: not null });
}
