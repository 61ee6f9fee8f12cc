using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Hardware;

/// <summary>The simulated host makes no machine whose device another has: a second holder would be a VM that failed.</summary>
public sealed class DeviceLeaseTests
{
    private const int Asks = 1000;

    private static readonly string[] Devices = ["one", "two", "three"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 900_000)]
    public async Task A_thousand_that_ask_at_once_for_three_devices_have_each_one_after_another()
    {
        await using var server = await RunningServer.StartAsync(Configure);
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var deleting = DeleteWhatIsOnlineAsync(server, watch.Token);

        // "three" is in two profiles: the lease is the device's, not the profile's.
        await Task.WhenAll(Enumerable.Range(0, Asks).Select(n => AskAsync(server, Id(n), n % 4 == 3 ? "also-three" : Devices[n % 4])));
        await Parallel.ForAsync(0, Asks, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token }, async (n, _) => await server.UntilGoneAsync(Id(n)));

        await watch.CancelAsync();
        await deleting;
        var all = server.Vms.List();
        Assert.All(all, vm => Assert.Null(vm.Failure));
        Assert.Equal(Asks, all.Count(vm => vm is { OnlineAt: not null, ReleasedAt: not null }));
        foreach (var lives in all.GroupBy(vm => Assert.Single(vm.Reserved!.Devices)))
        {
            var ordered = lives.OrderBy(vm => vm.PlacedAt).ToList();
            Assert.All(ordered.Zip(ordered.Skip(1)), pair => Assert.True(pair.First.ReleasedAt <= pair.Second.PlacedAt, $"{pair.First.Id} and {pair.Second.Id} had {lives.Key}"));
        }

        Assert.Equal([250, 250, 500], all.CountBy(vm => vm.Reserved!.Devices[0]).Select(count => count.Value).Order());
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task The_simulated_host_makes_no_machine_whose_device_another_has()
    {
        await using var hypervisor = new SimulatedHypervisor(SimulatedOptions.Instant, TimeProvider.System, NullLogger<SimulatedHypervisor>.Instance);
        var first = Specify("first");
        await hypervisor.EnsureClonedAsync(first, Token);

        var refusal = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(Specify("second"), Token));
        Assert.Equal("The device serial:/dev/ttyS9 is in use by first.", refusal.Message);

        await hypervisor.EnsureGoneAsync(first.Id, Token);
        await hypervisor.EnsureClonedAsync(Specify("second"), Token);
    }

    private static VmSpecification Specify(string id) => new()
    {
        Id = VmId.Parse(id), Image = new BaseImage("base"), Label = id, Owner = "acme", Repository = "gpu", Hardware = new VmHardware { SerialPorts = ["/dev/ttyS9"] },
    };

    private static void Configure(ServerOptions options)
    {
        options.GitHub.Token = null; // a rehearsal: with GitHub, its limit of calls would set the pace, not the host
        options.Vms.StopGrace = TimeSpan.Zero;
        options.Vms.MaxRunning = 50;
        options.Vms.MaxQueued = Asks;
        options.Vms.QueueTimeout = TimeSpan.FromHours(2);
        options.Vms.Lifetime = TimeSpan.FromHours(3);
        options.Limits = new LimitOptions
        {
            Connections = 4096, ConnectionsPerAddress = 4096, RequestsPerSecond = 100_000, Burst = 100_000, CallerRequestsPerSecond = 100_000, CallerBurst = 100_000,
        };
        foreach (var name in Devices.Append("also-three"))
        {
            options.Hardware[name] = new HardwareOptions { Serial = [$"/dev/{name.Replace("also-", "", StringComparison.Ordinal)}"] };
        }
    }

    private static async Task AskAsync(RunningServer server, string id, string hardware)
    {
        using var response = await server.CreateAsync($$"""{"image": "debian-12", "id": "{{id}}", "hardware": "{{hardware}}"}""");
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, $"{id}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(Token)}");
    }

    /// <summary>Each has its device until it is online, and then leaves it to the next, until cancelled.</summary>
    private static async Task DeleteWhatIsOnlineAsync(RunningServer server, CancellationToken cancellationToken)
    {
        using var following = server.Services.GetRequiredService<VmNews>().Follow(id: null);
        while (!cancellationToken.IsCancellationRequested)
        {
            foreach (var vm in server.Vms.Acting().Where(vm => vm is { Phase: VmPhase.Online, Wanted: Wanted.Present }))
            {
                using var deleted = await server.Http.DeleteAsync($"/v1/vms/{vm.Id}", Token);
                Assert.True(deleted.IsSuccessStatusCode, $"{vm.Id}: {(int)deleted.StatusCode}");
            }

            await following.WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, Token);
        }
    }

    private static string Id(int n) => $"vm-{n}";
}
