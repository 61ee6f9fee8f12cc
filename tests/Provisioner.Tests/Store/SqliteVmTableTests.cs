namespace Provisioner.Tests.Store;

public sealed class SqliteVmTableTests : VmTableTests
{
    private protected override Task<TestStore> MakeStoreAsync() => Task.FromResult(TestStore.Sqlite());
}
