namespace Provisioner.Tests.Store;

public sealed class PostgreSqlVmTableTests(PostgreSqlFixture postgreSql) : VmTableTests
{
    private protected override Task<TestStore> MakeStoreAsync() => postgreSql.MakeStoreAsync();
}
