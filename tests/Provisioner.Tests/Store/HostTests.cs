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

    private protected abstract Task<TestStore> MakeStoreAsync();

    private protected static VmTable Table(Database database) => new(database, new VmNews(), new FakeTimeProvider(Noon));
}
