using Provisioner.Server.Store;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Store;

public sealed class SqliteHostTests : HostTests
{
    [Fact]
    public void A_host_that_was_given_another_name_keeps_its_vms()
    {
        using var store = TestStore.Sqlite();
        using (var before = new Database(store.Options))
        {
            Table(before).Add(Vm());
        }

        using var renamed = new Database(store.Options with { Name = "other" });
        Assert.Equal(1, renamed.Host.Epoch);

        Assert.Equal("other", Assert.Single(Table(renamed).Live()).Host);
    }

    private protected override Task<TestStore> MakeStoreAsync() => Task.FromResult(TestStore.Sqlite());
}
