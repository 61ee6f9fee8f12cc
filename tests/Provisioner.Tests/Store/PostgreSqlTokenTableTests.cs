namespace Provisioner.Tests.Store;

public sealed class PostgreSqlTokenTableTests(PostgreSqlFixture postgreSql) : TokenTableTests
{
    private protected override Task<TestStore> MakeStoreAsync() => postgreSql.MakeStoreAsync();
}
