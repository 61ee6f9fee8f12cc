using Provisioner.Server.Access;

namespace Provisioner.Tests.Store;

public sealed class PostgreSqlMigrationTests(PostgreSqlFixture postgreSql) : MigrationTests
{
    private protected override Task<TestStore> MakeStoreAsync() => postgreSql.MakeStoreAsync();

    private protected override string HashLiteral(ApiToken token) => $@"'\x{Convert.ToHexString(token.Hash)}'";
}
