using Microsoft.Extensions.Time.Testing;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Store;

/// <summary>One process writes for a host: the one that claimed it last.</summary>
public abstract class HostTests
{
    [Fact]
    public async Task Each_start_raises_the_epoch_of_its_host()
    {
        using var store = await MakeStoreAsync();
        using var first = new Database(store.Options);
        using var second = new Database(store.Options);

        Assert.Equal((1L, 2L), (first.Host.Epoch, second.Host.Epoch));
    }

    [Fact]
    public async Task Who_was_replaced_writes_nothing_and_learns_of_it()
    {
        using var store = await MakeStoreAsync();
        using var old = new Database(store.Options);
        var before = Table(old);
        before.Add(Vm());
        using var successor = new Database(store.Options);
        Assert.Equal(2, successor.Host.Epoch);

        var add = Assert.Throws<StoreException>(() => before.Add(Vm("vm-2")));
        var change = Assert.Throws<StoreException>(() => before.Change(Vm().Id, vm => vm.NotWanted("late")));
        var forget = Assert.Throws<StoreException>(() => before.Forget(Noon.AddYears(1)));
        var renew = Assert.Throws<StoreException>(() => old.Transaction(old.Host.Renew));

        Assert.All([add, change, forget, renew], refusal => Assert.Equal(StoreFault.StaleEpoch, refusal.Fault));
        Assert.True(old.Host.Lost.IsCancellationRequested);
        Assert.False(successor.Host.Lost.IsCancellationRequested);
        var row = Assert.Single(Table(successor).List());
        Assert.Equal(Wanted.Present, row.Wanted);
    }

    [Fact]
    public async Task A_row_belongs_to_the_host_that_was_asked_for_it()
    {
        using var store = await MakeStoreAsync();
        using var database = new Database(store.Options);

        var (vm, _) = Table(database).Add(Vm() with { Host = "elsewhere" });

        Assert.Equal("here", vm.Host);
        Assert.Equal(["here"], Table(database).Live().Select(row => row.Host));
    }

    [Fact]
    public async Task A_drained_host_stays_so_for_its_next_server_and_the_audit_log_tells_once_by_whom()
    {
        using var store = await MakeStoreAsync();
        using (var before = new Database(store.Options))
        {
            Assert.Equal(1, before.Host.Epoch);
            Assert.Equal((Noon, "token:1 (ops)"), Drained(Hosts(before).Drain("here", "token:1 (ops)")));
            Assert.Equal((Noon, "token:1 (ops)"), Drained(Hosts(before).Drain("here", "token:2 (others)"))); // it is already
            before.Transaction(before.Host.Release);
        }

        using var after = new Database(store.Options);
        Assert.Equal((Noon, "token:1 (ops)"), Drained(Assert.Single(Hosts(after).List())));
        Assert.Equal((null, null), Drained(Hosts(after).Resume("here", "token:2 (others)")));
        Assert.Null(Hosts(after).Drain("nowhere", "token:1 (ops)"));

        var audit = new AuditTable(after, new FakeTimeProvider(Noon)).Read();
        Assert.Equal(["token:1 (ops) host-drained here", "token:2 (others) host-resumed here"], audit.Select(row => $"{row.Actor} {row.Action} {row.Target}"));
    }

    [Fact]
    public async Task Who_lives_on_a_host_and_who_waits_for_it_is_counted()
    {
        using var store = await MakeStoreAsync();
        using var database = new Database(store.Options);
        Table(database).Add(Vm("vm-1") with { PlacedAt = Noon });
        Table(database).Add(Vm("vm-2") with { PlacedAt = Noon, ReleasedAt = Noon, Wanted = Wanted.Gone });
        Table(database).Add(Vm("vm-3"));
        Table(database).Add(Vm("vm-4") with { Wanted = Wanted.Gone });

        var row = Hosts(database).FindOwn()!;

        Assert.Equal((1, 1, true), (row.Holding, row.Waiting, row.IsUp));
    }

    private protected abstract Task<TestStore> MakeStoreAsync();

    private protected static HostTable Hosts(Database database) => new(database, new VmNews(), new FakeTimeProvider(Noon));

    private protected static (DateTimeOffset?, string?) Drained(HostRow? row) => (row!.DrainingSince, row.DrainingBy);

    private protected static VmTable Table(Database database) => new(database, new VmNews(), new FakeTimeProvider(Noon));
}
