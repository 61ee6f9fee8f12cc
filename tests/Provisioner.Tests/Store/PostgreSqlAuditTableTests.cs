namespace Provisioner.Tests.Store;

public sealed class PostgreSqlAuditTableTests(PostgreSqlFixture postgreSql) : AuditTableTests
{
    private protected override IReadOnlyList<string> Attempts =>
    [
        "UPDATE audit SET detail = 'nothing'",
        "DELETE FROM audit WHERE sequence = 1",
        "TRUNCATE audit",
        "INSERT INTO audit SELECT * FROM audit ON CONFLICT (sequence) DO UPDATE SET detail = 'nothing'",
    ];

    private protected override IReadOnlyList<string> HostNames => ["alpha", "beta", "gamma", "delta"];

    private protected override Task<TestStore> MakeStoreAsync() => postgreSql.MakeStoreAsync();
}
