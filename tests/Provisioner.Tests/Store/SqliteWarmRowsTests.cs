namespace Provisioner.Tests.Store;

public sealed class SqliteWarmRowsTests : WarmRowsTests
{
    private protected override Task<TestStore> MakeStoreAsync() => Task.FromResult(TestStore.Sqlite());
}
