using System.Net;
using System.Net.Http.Json;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;

namespace Provisioner.Tests.Server;

/// <summary>A request for a disk of a size of its own, on a simulated host whose images have 2048 MiB.</summary>
public sealed class DiskRequestTests
{
    private const int Patience = 60_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = Patience)]
    [InlineData("plain", 2048)]
    [InlineData("plain", 8192)]
    [InlineData("profiled", 2048)]
    [InlineData("profiled", 8192)]
    public async Task A_vm_has_the_disk_that_was_asked_for_and_shows_it(string image, int disk)
    {
        await using var server = await StartAsync();

        using var created = await server.CreateAsync($$"""{"image": "{{image}}", "id": "run-1", "disk": {{disk}}}""");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        Assert.Equal(HttpStatusCode.Accepted, created.StatusCode);
        Assert.Equal(disk, (await ViewAsync(server)).Disk);
        Assert.Equal(disk, MachineDisk(server));
        Assert.Equal(disk, server.Vms.List().Single().Reserved!.Disk);
    }

    [Fact(Timeout = Patience)]
    public async Task Who_asks_for_none_has_the_profiles_or_the_images()
    {
        await using var server = await StartAsync();

        await server.CreateAsync("""{"image": "profiled", "id": "run-1"}""");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        var images = await server.Http.GetFromJsonAsync("/v1/images", WireJson.Default.ImageViewArray, Token);

        Assert.Null((await ViewAsync(server)).Disk);
        Assert.Equal(4096, MachineDisk(server));
        Assert.Equal([("debian-12", 2048L), ("plain", 2048L), ("profiled", 4096L)], images!.Select(image => (image.Alias, image.Disk!.Value)));
    }

    [Theory(Timeout = Patience)]
    [InlineData(2047, "disk: 2047 MiB is less than the disk of the image 'plain' has. Ask for 2048 to 16384 MiB, or for none.")]
    [InlineData(0, "disk: 1 to 16384 MiB, and not less than the disk of the image has.")]
    [InlineData(16385, "disk: 1 to 16384 MiB, and not less than the disk of the image has.")]
    public async Task A_disk_that_cannot_be_is_refused_with_the_range_and_leaves_nothing(int disk, string told)
    {
        await using var server = await StartAsync();

        using var response = await server.CreateAsync($$"""{"image": "plain", "disk": {{disk}}}""");

        var problem = (await response.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, Token))!;
        Assert.Equal((400, ProblemCode.InvalidRequest, told), ((int)response.StatusCode, problem.Code, problem.Detail));
        Assert.Equal(["disk"], problem.Errors!.Keys);
        Assert.Empty(server.Vms.List());
    }

    [Fact(Timeout = Patience)]
    public async Task An_image_with_more_than_may_be_asked_for_is_asked_for_without_a_size()
    {
        await using var server = await StartAsync(options => options.Vms.MaxDisk = 1024);

        using var response = await server.CreateAsync("""{"image": "plain", "disk": 1024}""");

        var problem = (await response.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, Token))!;
        Assert.Equal("disk: 1024 MiB is less than the disk of the image 'plain' has, which is 2048 MiB. Ask for none.", problem.Detail);
    }

    [Fact(Timeout = Patience)]
    public async Task A_disk_that_the_host_has_not_is_refused_at_once_and_one_for_which_it_lacks_room_waits()
    {
        await using var server = await StartAsync(options => options.Capacity.Disk = 10_000);

        using var never = await server.CreateAsync("""{"image": "plain", "disk": 10001}""");
        await server.CreateAsync("""{"image": "plain", "id": "run-1", "disk": 8000}""");
        await server.CreateAsync("""{"image": "plain", "id": "run-2", "disk": 2048}""");
        await server.FollowAsync("run-2", change => change.Message.Contains("it needs 2048 of this host's 10000 MiB of disk, and less is free", StringComparison.Ordinal));

        var problem = (await never.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, Token))!;
        Assert.Equal((ProblemCode.NeverFits, "It needs 10001 MiB of disk; this host gives at most 10000."), (problem.Code, problem.Detail));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_whose_image_has_grown_meanwhile_fails_with_both_sizes()
    {
        await using var server = await StartAsync();
        await server.CreateAsync("""{"image": "plain", "id": "warm-up"}"""); // its image was looked at just now
        server.Options.Simulated.ImageDisk = 3000;

        await server.CreateAsync("""{"image": "plain", "id": "run-1", "disk": 2048}""");
        var events = await server.FollowAsync("run-1", change => change.Failure is not null);

        var failure = events[^1].Failure!;
        Assert.Equal(ProblemCode.ImageUnusable, failure.Code);
        Assert.Contains("has 3000 MiB, and run-1 is to have 2048. Ask for 3000 or more", failure.Cause, StringComparison.Ordinal);
    }

    private static Task<RunningServer> StartAsync(Action<ServerOptions>? configure = null) => RunningServer.StartAsync(options =>
    {
        options.Simulated.ImageDisk = 2048;
        options.Vms.MaxRunning = 10;
        options.Vms.MaxDisk = 16384;
        options.Hardware["large"] = new HardwareOptions { Disk = 4096 };
        options.Images["plain"] = new ImageOptions { Source = "base", Disk = 100 };
        options.Images["profiled"] = new ImageOptions { Source = "base", Hardware = "large" };
        configure?.Invoke(options);
    });

    private static async Task<VmView> ViewAsync(RunningServer server) => (await server.Http.GetFromJsonAsync("/v1/vms/run-1", WireJson.Default.VmView, Token))!;

    private static int? MachineDisk(RunningServer server) => server.Hypervisor.Host.Machines[VmId.Parse("run-1")].Specification.Hardware!.DiskMegabytes;
}
