namespace Provisioner.Tests.Store;

public sealed class SqliteTokenTableTests : TokenTableTests
{
    private protected override Task<TestStore> MakeStoreAsync() => Task.FromResult(TestStore.Sqlite());
}
