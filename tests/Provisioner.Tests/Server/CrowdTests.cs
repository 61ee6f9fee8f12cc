using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Provisioner.Contracts;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Tests.Server;

/// <summary>A thousand creates at once from ten repositories, each of which may have four VMs, on a host of sixteen.</summary>
public sealed class CrowdTests
{
    private const int Slots = 16, Share = 4, Repositories = 10, Each = 100;

    [Fact(Timeout = 300_000)]
    public async Task Each_repository_gets_its_share_and_no_more_and_what_is_more_is_refused_at_once()
    {
        SimulatedOptions? simulated = null;
        await using var server = await RunningServer.StartAsync(options =>
        {
            options.Vms.MaxRunning = Slots;
            options.Limits = new LimitOptions { Burst = 100_000, RequestsPerSecond = 100_000, Connections = 4096, ConnectionsPerAddress = 4096 };
            options.GitHub.Token = null; // a rehearsal: with GitHub, its limit of calls would set the pace, not the host
            simulated = options.Simulated;
        });
        var callers = Enumerable.Range(0, Repositories).Select(n => Connect(server, n)).ToList();
        using var watch = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var most = WatchAsync(server, watch.Token);

        // Nobody has a job until all have asked.
        var answers = new ConcurrentDictionary<string, (HttpStatusCode Status, string? Code, TimeSpan? Again)>();
        await Task.WhenAll(Enumerable.Range(0, Repositories * Each).Select(async n => answers[Id(n)] = await AskAsync(callers[n % Repositories], n)));
        var served = answers.Where(answer => answer.Value.Status == HttpStatusCode.Accepted).Select(answer => answer.Key).ToList();
        Assert.Equal(Enumerable.Repeat(Share, Repositories), served.CountBy(Repository).OrderBy(count => count.Key).Select(count => count.Value));
        Assert.All(answers.Where(answer => !served.Contains(answer.Key)), answer => Assert.Equal(
            (HttpStatusCode.TooManyRequests, ProblemCode.RuleUsedUp, TimeSpan.FromSeconds(20)), answer.Value));

        // Of the forty, sixteen run and the others wait; now jobs come, and each of them has its turn.
        simulated!.JobTime = TimeSpan.Zero;
        foreach (var working in await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken))
        {
            (await callers[Number(working.Id.Value)].DeleteAsync($"/v1/vms/{working.Id}", TestContext.Current.CancellationToken)).Dispose();
        }

        server.Cover(Enumerable.Range(0, Repositories).Select(n => $"acme/r{n}"));
        foreach (var id in served)
        {
            var events = await server.UntilGoneAsync(id);
            Assert.Contains(events, change => change.Phase == VmPhase.Cloning);
            Assert.DoesNotContain(events, change => change.Failure is not null);
        }

        await watch.CancelAsync();
        var (machines, ofOne) = await most;
        Assert.Equal((Slots, Share), (machines, ofOne));
        callers.ForEach(caller => caller.Dispose());
    }

    /// <summary>How many machines there were at most, and VMs of one repository, looked at whenever a machine changes, until cancelled.</summary>
    private static async Task<(int Machines, int OfOne)> WatchAsync(RunningServer server, CancellationToken cancellationToken)
    {
        var (machines, ofOne) = (0, 0);
        try
        {
            await foreach (var _ in server.Hypervisor.WatchAsync(cancellationToken))
            {
                machines = Math.Max(machines, (await server.Hypervisor.ListAsync(cancellationToken)).Count);
                ofOne = Math.Max(ofOne, server.Vms.Live().CountBy(vm => vm.Repository).Select(count => count.Value).DefaultIfEmpty().Max());
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // All that was to be seen is seen.
        }

        return (machines, ofOne);
    }

    private static async Task<(HttpStatusCode Status, string? Code, TimeSpan? Again)> AskAsync(HttpClient caller, int n)
    {
        using var answer = await caller.PostAsJsonAsync("/v1/vms", new CreateVm { Image = "debian-12", Id = Id(n) }, WireJson.Default.CreateVm, TestContext.Current.CancellationToken);
        var problem = answer.IsSuccessStatusCode ? null : await answer.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, TestContext.Current.CancellationToken);
        return (answer.StatusCode, problem?.Code, answer.Headers.RetryAfter?.Delta);
    }

    private static HttpClient Connect(RunningServer server, int number)
    {
        var token = ApiToken.Create();
        var grant = new Grant([$"acme/r{number}"]) { Limits = GrantLimits.None with { MaxVms = Share } };
        server.Services.GetRequiredService<TokenTable>().Add(token, $"r{number}", grant, expiresAt: null);
        return server.Connect(token.Text);
    }

    private static string Id(int n) => $"r{n % Repositories}-{n}";

    private static string Repository(string id) => id.Split('-')[0];

    private static int Number(string id) => int.Parse(Repository(id)[1..], System.Globalization.CultureInfo.InvariantCulture);
}
