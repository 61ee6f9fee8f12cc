using System.Net;
using System.Net.Http.Json;
using Provisioner.Contracts;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Store;

/// <summary>Servers of two hosts on one PostgreSQL, and two servers that take themselves for the same host.</summary>
public sealed class TwoServersTests(PostgreSqlFixture postgreSql)
{
    private const int Patience = 180_000;

    [Fact(Timeout = Patience)]
    public async Task Each_host_runs_its_own_vms_and_shows_and_deletes_those_of_all()
    {
        using var store = await postgreSql.MakeStoreAsync();
        await using var a = await StartAsync(store, "a");
        await using var b = await StartAsync(store, "b");
        await a.CreateVmAsync("run-a");
        await b.CreateVmAsync("run-b");
        await a.FollowAsync("run-a", change => change.Phase == VmPhase.Online);
        await b.FollowAsync("run-b", change => change.Phase == VmPhase.Online);

        var seen = await b.Http.GetFromJsonAsync("/v1/vms", WireJson.Default.VmViewArray, TestContext.Current.CancellationToken);
        Assert.Equal([("run-a", "a"), ("run-b", "b")], seen!.Select(vm => (vm.Id, vm.Host)));
        Assert.Equal(["run-a"], (await a.Hypervisor.ListAsync(TestContext.Current.CancellationToken)).Select(vm => vm.Id.Value));
        Assert.Equal(["run-b"], (await b.Hypervisor.ListAsync(TestContext.Current.CancellationToken)).Select(vm => vm.Id.Value));

        using var deleted = await b.Http.DeleteAsync("/v1/vms/run-a", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, deleted.StatusCode);
        await a.UntilGoneAsync("run-a");
        await a.AssertNothingLeftAsync();
        Assert.Single(await b.Hypervisor.ListAsync(TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Patience)]
    public async Task A_second_server_of_the_same_name_refuses_to_start()
    {
        using var store = await postgreSql.MakeStoreAsync();
        await using var first = await StartAsync(store, "a");

        var refusal = await Assert.ThrowsAsync<DataFolderException>(() => StartAsync(store, "a"));

        Assert.Contains("the host a is held by the server with process id", refusal.Message, StringComparison.Ordinal);
        await first.CreateVmAsync("run-1");
    }

    [Fact(Timeout = Patience)]
    public async Task A_server_whose_host_was_taken_stops_itself()
    {
        using var store = await postgreSql.MakeStoreAsync();
        await using var server = await StartAsync(store, "a");
        var stopping = new TaskCompletionSource();
        using var registration = server.Stopping.Register(stopping.SetResult);

        store.Execute("UPDATE hosts SET epoch = epoch + 1 WHERE name = 'a'");

        await stopping.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    private static Task<RunningServer> StartAsync(TestStore store, string name) => RunningServer.StartAsync(options =>
    {
        var shared = store.OptionsOf(name);
        (options.Name, options.DataFolder, options.Store) = (name, shared.DataFolder, new StoreOptions { PostgreSql = shared.Store.PostgreSql, Lease = TimeSpan.FromSeconds(30) });
        options.Vms.ReviewPeriod = TimeSpan.FromMilliseconds(200);
    });
}
