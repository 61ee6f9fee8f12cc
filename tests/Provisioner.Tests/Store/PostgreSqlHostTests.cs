using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Store;

/// <summary>Hosts that share a store.</summary>
public sealed class PostgreSqlHostTests(PostgreSqlFixture postgreSql) : HostTests
{
    [Fact]
    public async Task Two_hosts_see_all_rows_and_act_for_their_own()
    {
        using var store = await MakeStoreAsync();
        using var here = new Database(store.Options);
        using var there = new Database(store.OptionsOf("there"));

        Table(here).Add(Vm("vm-1"));
        Table(there).Add(Vm("vm-2"));

        Assert.Equal(["vm-1"], Table(here).Live().Select(vm => vm.Id.Value));
        Assert.Equal(["vm-2"], Table(there).Live().Select(vm => vm.Id.Value));
        Assert.Equal(2, Table(here).List().Count);
        Assert.Equal(("there", false), (Table(here).Add(Vm("vm-2")).Vm.Host, Table(here).Add(Vm("vm-2")).Created));
    }

    [Fact]
    public async Task Hosts_do_not_forget_for_each_other()
    {
        using var store = await MakeStoreAsync();
        using var here = new Database(store.Options);
        using var there = new Database(store.OptionsOf("there"));
        Table(here).Add(Vm());
        Table(here).Change(Vm().Id, vm => vm with { GoneAt = Noon });

        Table(there).Forget(Noon.AddDays(1));
        Assert.NotNull(Table(here).Find(Vm().Id));

        Table(here).Forget(Noon.AddDays(1));
        Assert.Null(Table(here).Find(Vm().Id));
    }

    [Fact]
    public async Task A_second_server_of_the_same_name_does_not_start_while_the_first_holds_its_lease()
    {
        using var store = await MakeStoreAsync();
        using var first = new Database(store.Options);
        Assert.Equal(1, first.Host.Epoch);
        using var second = new Database(store.OptionsOf("here"));

        var refusal = Assert.Throws<DataFolderException>(() => second.Host);

        Assert.Contains($"process id {Environment.ProcessId} on {Environment.MachineName}", refusal.Message, StringComparison.Ordinal);
        Table(first).Add(Vm()); // not disturbed
    }

    [Fact]
    public async Task A_lease_that_is_over_is_taken_and_the_one_before_is_fenced()
    {
        using var store = await MakeStoreAsync();
        using var first = new Database(store.Options);
        var table = Table(first);
        table.Add(Vm());
        store.Execute("UPDATE hosts SET lease_until = 1");
        using var second = new Database(store.OptionsOf("here"));

        Assert.Equal(2, second.Host.Epoch);

        Assert.Equal(StoreFault.StaleEpoch, Assert.Throws<StoreException>(() => table.Change(Vm().Id, vm => vm with { RunnerId = 1 })).Fault);
    }

    [Fact]
    public async Task A_lease_that_was_given_back_is_free_at_once()
    {
        using var store = await MakeStoreAsync();
        using var first = new Database(store.Options);
        first.Transaction(first.Host.Release);

        using var second = new Database(store.OptionsOf("here"));

        Assert.Equal(2, second.Host.Epoch);
    }

    [Fact]
    public async Task A_lease_that_was_renewed_is_not_free()
    {
        using var store = await MakeStoreAsync();
        using var first = new Database(store.Options);
        Assert.Equal(1, first.Host.Epoch);
        store.Execute("UPDATE hosts SET lease_until = 1");
        first.Transaction(first.Host.Renew);

        using var second = new Database(store.OptionsOf("here"));

        Assert.Throws<DataFolderException>(() => second.Host);
    }

    [Fact]
    public async Task One_request_that_reaches_two_hosts_at_once_finds_one_vm_though_no_more_may_live()
    {
        using var store = await MakeStoreAsync();
        using var here = new Database(store.Options);
        using var there = new Database(store.OptionsOf("there"));
        VmTable[] tables = [Table(here), Table(there)];

        foreach (var round in Enumerable.Range(0, 20))
        {
            var asked = Vm($"vm-{round}") with { Rule = $"rule-{round}" };
            var answers = new Admitted[2];
            Parallel.For(0, 2, n => answers[n] = tables[n].TryAdd(asked, long.MaxValue, mostOfRule: 1));

            Assert.All(answers, answer => Assert.Equal(asked.Id, answer.Vm?.Id));
            Assert.Single(answers, answer => answer.Created);
        }
    }

    [Fact]
    public async Task What_a_rule_allows_is_counted_on_all_hosts_together_however_many_ask_at_once()
    {
        using var store = await MakeStoreAsync();
        using var here = new Database(store.Options);
        using var there = new Database(store.OptionsOf("there"));
        VmTable[] tables = [Table(here), Table(there)];

        Parallel.For(0, 60, n => tables[n % 2].TryAdd(Vm($"vm-{n}") with { Rule = "main" }, long.MaxValue, mostOfRule: 5));

        Assert.Equal(5, tables[0].List().Count);
    }

    [Fact]
    public async Task One_server_drains_the_host_of_another_which_alone_is_held_up()
    {
        using var store = await MakeStoreAsync();
        using var here = new Database(store.Options);
        using var there = new Database(store.OptionsOf("there"));
        Assert.Equal((1, 1), (here.Host.Epoch, there.Host.Epoch));

        Hosts(here).Drain("there", "token:1 (ops)");

        Assert.Equal((Noon, "token:1 (ops)"), Drained(Hosts(there).FindOwn()));
        Assert.Equal((null, null), Drained(Hosts(here).FindOwn()));
        Assert.Equal(["here", "there"], Hosts(there).List().Select(row => row.Name));
    }

    private protected override Task<TestStore> MakeStoreAsync() => postgreSql.MakeStoreAsync();
}
