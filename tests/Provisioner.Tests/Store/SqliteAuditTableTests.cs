namespace Provisioner.Tests.Store;

public sealed class SqliteAuditTableTests : AuditTableTests
{
    private protected override IReadOnlyList<string> Attempts =>
    [
        "UPDATE audit SET detail = 'nothing'",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT sequence, at, actor, action, target, repository, run, outcome, 'nothing', count, hash FROM audit",
        "INSERT INTO audit SELECT * FROM audit WHERE TRUE ON CONFLICT (sequence) DO UPDATE SET detail = 'nothing'",
    ];

    // It belongs to one host, which may have several threads.
    private protected override IReadOnlyList<string> HostNames => ["here"];

    private protected override Task<TestStore> MakeStoreAsync() => Task.FromResult(TestStore.Sqlite());
}
