using Provisioner.Server.Access;

namespace Provisioner.Tests.Store;

public sealed class SqliteMigrationTests : MigrationTests
{
    private protected override Task<TestStore> MakeStoreAsync() => Task.FromResult(TestStore.Sqlite());

    private protected override string HashLiteral(ApiToken token) => $"x'{Convert.ToHexString(token.Hash)}'";
}
