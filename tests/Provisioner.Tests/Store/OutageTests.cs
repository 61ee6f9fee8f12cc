using System.Net;
using System.Net.Http.Json;
using Microsoft.Data.Sqlite;
using Provisioner.Contracts;
using Provisioner.HypervisorTests.VirtualBox;
using Provisioner.Server.Configuration;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Store;

/// <summary>A store that fails for a while costs that while, and nothing else.</summary>
public sealed class OutageTests
{
    private const int Patience = 180_000;

    [Fact(Timeout = Patience)]
    public async Task A_locked_store_is_said_to_be_unavailable_and_vms_go_on_when_it_is_back()
    {
        var file = "";
        await using var server = await RunningServer.StartAsync(options => file = Path.Combine(Quick(options).DataFolder, "provisioner.db"));
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        using (var other = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            other.Open();
            using var held = other.BeginTransaction(deferred: false);

            await AssertUnavailableAsync(server);
            Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("/v1/vms/run-1", TestContext.Current.CancellationToken)).StatusCode);
        }

        await AssertGoesOnAsync(server);
    }

    [Fact(Timeout = Patience)]
    public async Task What_a_guest_reports_while_the_store_is_locked_is_not_lost()
    {
        var file = "";
        await using var server = await RunningServer.StartAsync(options =>
        {
            file = Path.Combine(Quick(options).DataFolder, "provisioner.db");
            options.Simulated.BootTime = TimeSpan.FromSeconds(1);
        });
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Booting);
        using (var other = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            other.Open();
            using var held = other.BeginTransaction(deferred: false);
            await AssertUnavailableAsync(server); // which takes longer than booting
        }

        var events = await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        Assert.All(events, change => Assert.Null(change.Failure));
    }

    [Fact(Timeout = Patience)]
    public async Task A_full_disk_is_said_and_vms_go_on_when_there_is_room_again()
    {
        using var disk = await SmallDisk.MountAsync(megabytes: 4);
        await using (var server = await RunningServer.StartAsync(options => Quick(options).DataFolder = Path.Combine(disk.Folder, "data")))
        {
            await server.CreateVmAsync("run-1");
            await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
            disk.Fill();

            await UntilUnavailableAsync(server);
            File.Delete(Path.Combine(disk.Folder, "ballast"));

            await AssertGoesOnAsync(server);
        }
    }

    [Fact(Timeout = Patience)]
    public async Task A_PostgreSQL_that_is_restarted_under_the_server_is_found_again()
    {
        Assert.SkipWhen(PostgreSqlCluster.Problem is not null, PostgreSqlCluster.Problem ?? "");
        await using var cluster = await PostgreSqlCluster.StartAsync();
        var connection = await cluster.MakeDatabaseAsync();
        await using var server = await RunningServer.StartAsync(options =>
            Quick(options).Store.PostgreSql = new PostgreSqlOptions { Connection = connection, PasswordFile = cluster.PasswordFile });
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        await cluster.EndAsync();
        await AssertUnavailableAsync(server);
        using var ready = await server.Http.GetAsync("/readyz", TestContext.Current.CancellationToken);
        var word = await ready.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        await cluster.BeginAsync();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not ready: the store does not answer\n"), (ready.StatusCode, word));
        await AssertGoesOnAsync(server);
    }

    private static ServerOptions Quick(ServerOptions options)
    {
        options.Vms.ReviewPeriod = TimeSpan.FromMilliseconds(200);
        options.Limits.RequestsPerSecond = 10_000;
        return options;
    }

    private static async Task AssertUnavailableAsync(RunningServer server)
    {
        using var answer = await server.CreateAsync("""{"image": "debian-12", "id": "run-2"}""");
        var problem = await answer.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, ProblemCode.StoreUnavailable), (answer.StatusCode, problem!.Code));
        Assert.Equal(TimeSpan.FromSeconds(5), answer.Headers.RetryAfter?.Delta);
        Assert.DoesNotContain("/", problem.Detail, StringComparison.Ordinal); // no path of the server's
    }

    /// <summary>SQLite's journal may still have room for a few rows.</summary>
    private static async Task UntilUnavailableAsync(RunningServer server)
    {
        for (var number = 0; ; number++)
        {
            using var answer = await server.CreateAsync($$"""{"image": "debian-12", "id": "filler-{{number}}"}""");
            if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                await AssertUnavailableAsync(server);
                return;
            }
        }
    }

    /// <summary>The VM from before lives, a new one comes, and both end as they should.</summary>
    private static async Task AssertGoesOnAsync(RunningServer server)
    {
        HttpResponseMessage answer;
        while ((answer = await server.CreateAsync("""{"image": "debian-12", "id": "run-3"}""")).StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            answer.Dispose();
        }

        using (answer)
        {
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }

        var all = (await server.Http.GetFromJsonAsync("/v1/vms", WireJson.Default.VmViewArray, TestContext.Current.CancellationToken))!;
        Assert.All(all, vm => Assert.Null(vm.Failure));
        Assert.Contains(all, vm => vm is { Id: "run-1", Phase: VmPhase.Online });
        foreach (var vm in all)
        {
            using var gone = await server.Http.DeleteAsync($"/v1/vms/{vm.Id}", TestContext.Current.CancellationToken);
            await server.UntilGoneAsync(vm.Id);
        }

        await server.AssertNothingLeftAsync();
    }
}
