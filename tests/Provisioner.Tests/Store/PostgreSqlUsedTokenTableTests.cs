namespace Provisioner.Tests.Store;

public sealed class PostgreSqlUsedTokenTableTests(PostgreSqlFixture postgreSql) : UsedTokenTableTests
{
    private protected override Task<TestStore> MakeStoreAsync() => postgreSql.MakeStoreAsync();
}
