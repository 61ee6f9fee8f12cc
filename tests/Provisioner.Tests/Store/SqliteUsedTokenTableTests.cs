namespace Provisioner.Tests.Store;

public sealed class SqliteUsedTokenTableTests : UsedTokenTableTests
{
    private protected override Task<TestStore> MakeStoreAsync() => Task.FromResult(TestStore.Sqlite());
}
