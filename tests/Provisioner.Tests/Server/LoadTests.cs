using System.Collections.Concurrent;
using System.Net;
using Provisioner.Contracts;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;

namespace Provisioner.Tests.Server;

/// <summary>A thousand VMs from ten repositories on a host of sixteen slots.</summary>
public sealed class LoadTests
{
    private const int Slots = 16, Repositories = 10, Each = 100, Count = Repositories * Each;

    [Fact(Timeout = 300_000)]
    public async Task A_thousand_vms_of_ten_repositories_share_sixteen_slots_fairly_and_all_go()
    {
        SimulatedOptions? simulated = null;
        await using var server = await RunningServer.StartAsync(options =>
        {
            options.Vms.MaxRunning = Slots;
            options.Vms.MaxQueued = Count;
            options.Limits = new LimitOptions { Burst = 100_000, RequestsPerSecond = 100_000, CallerBurst = 100_000, CallerRequestsPerSecond = 100_000 };
            options.GitHub.Token = null; // a rehearsal: with GitHub, its limit of calls would set the pace, not the host
            simulated = options.Simulated;
        });
        server.Cover(Enumerable.Range(0, Repositories).Select(n => $"acme/r{n}"));
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var most = CountLiveAsync(server, watch.Token);

        // Nobody has a job until all have asked, so that all wait at once.
        await Parallel.ForAsync(0, Count, Parallelism(8), async (n, _) => await CreateAsync(server, n));
        simulated!.JobTime = TimeSpan.Zero;
        var working = (await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken)).Select(vm => vm.Id.Value).ToHashSet();
        await Parallel.ForEachAsync(working, Parallelism(8), async (id, stop) => (await server.Http.DeleteAsync($"/v1/vms/{id}", stop)).Dispose());
        var events = new ConcurrentDictionary<string, IReadOnlyList<VmEvent>>();
        await Parallel.ForAsync(0, Count, Parallelism(8), async (n, _) => events[Id(n)] = await server.UntilGoneAsync(Id(n)));
        await watch.CancelAsync();

        Assert.Equal(Slots, await most);
        Assert.Empty(await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken));
        Assert.All(events.Values, vm => Assert.DoesNotContain(vm, change => change.Failure is not null));
        AssertFair(events.Where(vm => !working.Contains(vm.Key)));
        Assert.InRange(events.Values.Sum(vm => vm.Count), Count * 3, Count * 30); // told of the queue, and not of each step in it
    }

    /// <summary>At each moment no repository has been served much more often than another: those that got a place together begin in any order.</summary>
    private static void AssertFair(IEnumerable<KeyValuePair<string, IReadOnlyList<VmEvent>>> waited)
    {
        var inOrder = waited
            .OrderBy(vm => vm.Value.First(change => change.Phase == VmPhase.Cloning).Sequence)
            .Select(vm => vm.Key.Split('-')[0]).ToList();
        var served = Enumerable.Range(0, Repositories).ToDictionary(n => $"r{n}", _ => 0);
        var left = inOrder.CountBy(repository => repository).ToDictionary();
        foreach (var repository in inOrder)
        {
            served[repository]++;
            left[repository]--;
            if (left.Values.All(count => count > 0))
            {
                Assert.InRange(served.Values.Max() - served.Values.Min(), 0, 4);
            }
        }
    }

    /// <summary>How many machines there were at most: looked at whenever one of them changes, until cancelled.</summary>
    private static async Task<int> CountLiveAsync(RunningServer server, CancellationToken cancellationToken)
    {
        var most = 0;
        try
        {
            await foreach (var _ in server.Hypervisor.WatchAsync(cancellationToken))
            {
                most = Math.Max(most, (await server.Hypervisor.ListAsync(cancellationToken)).Count);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // All that was to be seen is seen.
        }

        return most;
    }

    private static async Task CreateAsync(RunningServer server, int n)
    {
        using var response = await server.CreateAsync($$"""{"image": "debian-12", "id": "{{Id(n)}}", "repository": "acme/r{{n % Repositories}}"}""");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    private static string Id(int n) => $"r{n % Repositories}-{n}";

    private static ParallelOptions Parallelism(int most) =>
        new() { MaxDegreeOfParallelism = most, CancellationToken = TestContext.Current.CancellationToken };
}
