using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Hardware;

/// <summary>Warm VMs of an image that has a device of its own: they hold its lease, and hand it on.</summary>
public sealed class WarmHardwareTests : IAsyncLifetime
{
    private const int Patience = 120_000;
    private const string Lease = "serial:/dev/ttyUSB0";

    private readonly HostTree _host = new HostTree().Write("dev/ttyUSB0", "").Write("dev/ttyUSB1", "");
    private RunningServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(options =>
    {
        options.Simulated = SimulatedOptions.Instant;
        options.Simulated.HostFolder = _host.Root;
        options.Vms.ReviewPeriod = TimeSpan.FromMilliseconds(100);
        options.Vms.StopGrace = TimeSpan.Zero;
        options.Hardware["port"] = new HardwareOptions { Serial = ["/dev/ttyUSB0"] };
        options.Hardware["other"] = new HardwareOptions { Serial = ["/dev/ttyUSB1"] };
        options.Images["wired"] = new ImageOptions { Source = "base", Hardware = "port", Warm = 1 };
    });

    [Theory(Timeout = Patience)]
    [InlineData("""{"image": "wired", "id": "run-1"}""")]
    [InlineData("""{"image": "wired", "id": "run-1", "hardware": "port"}""")]
    public async Task Who_takes_a_warm_vm_of_an_image_with_a_device_has_the_device(string request)
    {
        var warm = await ReadyAsync();
        Assert.Equal([Lease], warm.Reserved!.Devices);

        var vm = await OnlineAsync(request);

        Assert.Equal((warm.Id, "port"), (vm.Machine, vm.Hardware));
        Assert.Equal([Lease], vm.Reserved!.Devices);
        Assert.Equal([Lease], _server.Hypervisor.Host.Machines[vm.Machine].Specification.Hardware!.Leases);
        var image = Assert.Single(await ImagesAsync(), view => view.Alias == "wired");
        Assert.Equal(new WarmView(1, 0, $"the device {Lease} is in use"), image.Warm); // and no second one can be made meanwhile
    }

    [Fact(Timeout = Patience)]
    public async Task A_request_for_other_hardware_takes_no_warm_vm()
    {
        var warm = await ReadyAsync();

        var vm = await OnlineAsync("""{"image": "wired", "id": "run-1", "hardware": "other"}""");

        Assert.Equal(vm.Id, vm.Machine);
        Assert.Equal(["serial:/dev/ttyUSB1"], vm.Reserved!.Devices);
        Assert.Equal(Wanted.Present, _server.Vms.Find(warm.Id)!.Wanted);
    }

    [Fact(Timeout = Patience)]
    public async Task Who_waits_for_the_device_of_a_warm_vm_has_it_make_room()
    {
        var warm = await ReadyAsync();

        var vm = await OnlineAsync("""{"image": "debian-12", "id": "run-1", "hardware": "port"}""");

        var before = _server.Vms.Find(warm.Id)!;
        Assert.Equal([Lease], vm.Reserved!.Devices);
        Assert.True(before.ReleasedAt <= vm.PlacedAt, $"{vm.Id} had it from {vm.PlacedAt:O}, and {before.Id} until {before.ReleasedAt:O}");
    }

    [Fact(Timeout = Patience)]
    public async Task A_warm_vm_whose_device_is_pulled_out_goes_and_comes_again_with_it()
    {
        var warm = await ReadyAsync();

        _host.Unplug("dev/ttyUSB0");
        var gone = await UntilAsync(vm => vm.Id == warm.Id && vm.GoneAt is not null);
        var image = Assert.Single(await ImagesAsync(), view => view.Alias == "wired");
        Assert.Null(gone.Failure);
        Assert.Contains(_server.Vms.Events(warm.Id, after: 0), change => change.Message == $"Its device {Lease} is absent from this host.");
        Assert.Equal(new WarmView(1, 0, $"the device {Lease} is absent from this host"), image.Warm);
        using (var refused = await _server.CreateAsync("""{"image": "wired", "id": "early"}"""))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        }

        _host.Write("dev/ttyUSB0", "");
        Assert.NotEqual(warm.Id, (await ReadyAsync()).Id);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _host.Dispose();
    }

    private Task<Vm> ReadyAsync() => UntilAsync(vm => vm is { Wanted: Wanted.Present, Guest: GuestPhase.Ready });

    private async Task<Vm> UntilAsync(Func<Vm, bool> fits)
    {
        using var following = _server.Services.GetRequiredService<VmNews>().Follow(id: null);
        while (true)
        {
            var rows = _server.Services.GetRequiredService<Database>().Read(session => VmTable.Query(session, "WHERE warm IS NOT NULL"));
            if (rows.FirstOrDefault(fits) is { } vm)
            {
                return vm;
            }

            await following.WaitAsync(TimeSpan.FromMilliseconds(100), TimeProvider.System, Token);
        }
    }

    private async Task<Vm> OnlineAsync(string request)
    {
        using var response = await _server.CreateAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        await _server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        return _server.Vms.Find(VmId.Parse("run-1"))!;
    }

    private async Task<ImageView[]> ImagesAsync() => (await _server.Http.GetFromJsonAsync("/v1/images", WireJson.Default.ImageViewArray, Token))!;
}
