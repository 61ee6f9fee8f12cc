using System.Data.Common;
using Provisioner.Server.Audit;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Store;

/// <summary>
/// The hosts that share the store, and which of them are drained: those give no VM a place until they are resumed, also after a restart.
/// What is written here of another server's host, that server reads in the transaction in which it gives places.
/// </summary>
internal sealed class HostTable(Database database, VmNews news, TimeProvider time)
{
    /// <summary>Whether this host (<c>@own</c>) is drained.</summary>
    public const string Drains = "name = @own AND draining_since IS NOT NULL";

    private static readonly string Columns =
        "(SELECT COUNT(*) FROM vms WHERE host = hosts.name AND placed_at IS NOT NULL AND released_at IS NULL), " +
        $"(SELECT COUNT(*) FROM vms WHERE host = hosts.name AND placed_at IS NULL AND gone_at IS NULL AND wanted = {(int)Wanted.Present})";

    public string Own => database.HostName;

    /// <summary>All hosts of a store that is shared; else this one, for others there are only what it was called before.</summary>
    public IReadOnlyList<HostRow> List() => database.Read(session => Query(session, session.IsShared ? "TRUE" : "name = @own", Own));

    /// <summary>This host.</summary>
    public HostRow? FindOwn() => database.Read(session => Query(session, "name = @own", Own).SingleOrDefault());

    /// <summary>From now on the host gives no VM a place. Null if there is no such host.</summary>
    /// <param name="name">Which.</param>
    /// <param name="by">Who wants it so.</param>
    public HostRow? Drain(string name, string by) => Set(name, by, AuditAction.HostDrained, "draining_since = @now, draining_by = @by", "draining_since IS NULL");

    /// <summary>The host takes VMs again. Null if there is no such host.</summary>
    /// <param name="name">Which.</param>
    /// <param name="by">Who wants it so.</param>
    public HostRow? Resume(string name, string by) => Set(name, by, AuditAction.HostResumed, "draining_since = NULL, draining_by = NULL", "draining_since IS NOT NULL");

    private HostRow? Set(string name, string by, AuditAction action, string change, string where)
    {
        HostRow? Act(Session session) => session.IsShared || name == Own ? Set(session, name, by, action, $"UPDATE hosts SET {change} WHERE name = @own AND {where}") : null;

        // Another server's row may be held by that server: this host's own is not to wait for it.
        var row = name == Own ? database.Write(Act) : database.Transaction(Act);
        news.TellAll();
        return row;
    }

    private HostRow? Set(Session session, string name, string by, AuditAction action, string sql)
    {
        var now = time.GetUtcNow();
        var changed = session.Execute(sql, command => _ = action == AuditAction.HostDrained ? command.With("@own", name).With("@now", now).With("@by", by) : command.With("@own", name));
        var row = Query(session, "name = @own", name).SingleOrDefault();
        if (changed > 0)
        {
            AuditTable.Append(session, new AuditEntry(by, action) { Target = name }, now);
        }

        return row;
    }

    private static List<HostRow> Query(Session session, string where, string name) => session.Query(
        $"SELECT name, CASE WHEN lease_until >= {session.Now} THEN 1 ELSE 0 END, draining_since, draining_by, {Columns} FROM hosts WHERE {where} ORDER BY name",
        Read,
        command => command.With("@own", name));

    private static HostRow Read(DbDataReader row) => new(
        row.GetString(0), row.GetInt32(1) == 1, row.Time(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetInt64(4), row.GetInt64(5));
}
