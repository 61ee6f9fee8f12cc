using Provisioner.Server.Audit;
using Provisioner.Server.Store;

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

    [Fact]
    public void A_row_whose_time_is_none_is_named_as_altered()
    {
        using var store = TestStore.Sqlite();
        using var database = new Database(store.Options);
        var audit = new AuditTable(database, TimeProvider.System);
        audit.Append([.. Enumerable.Repeat(new AuditEntry("somebody", AuditAction.VmDenied), 3)]);
        foreach (var trigger in database.Read(session => session.Query("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'", row => row.GetString(0))))
        {
            store.Execute($"DROP TRIGGER {trigger}");
        }

        store.Execute("UPDATE audit SET at = 9000000000000000000 WHERE sequence = 2");

        var verdict = AuditChain.Check(() => audit.Read());
        Assert.Equal((2L, AuditFault.Altered), (verdict.Wrong, verdict.Fault));
    }
}
