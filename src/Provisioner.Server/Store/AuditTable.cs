using System.Data.Common;
using Provisioner.Server.Audit;

namespace Provisioner.Server.Store;

/// <summary>The audit log: rows are added behind the last one, one writer at a time whichever host it is, and never changed.</summary>
internal sealed class AuditTable(Database database, TimeProvider time)
{
    private const string Columns = "sequence, at, actor, action, target, repository, run, outcome, detail, count, hash";
    private const int Page = 1000;

    /// <summary>
    /// Adds a row in the transaction of what it tells of: both are written, or neither. It is the transaction's last step: from here to its end
    /// no other host adds one.
    /// </summary>
    public static void Append(Session session, AuditEntry entry, DateTimeOffset at)
    {
        session.Alone("the audit log");
        Insert(session, AuditRow.After(Last(session), entry, at));
    }

    /// <summary>Adds rows that tell of no change in the store.</summary>
    public void Append(params IReadOnlyCollection<AuditEntry> entries)
    {
        if (entries.Count > 0)
        {
            database.Transaction(session =>
            {
                foreach (var entry in entries)
                {
                    Append(session, entry, time.GetUtcNow());
                }

                return entries.Count;
            });
        }
    }

    /// <summary>The newest row.</summary>
    public AuditMark Last() => database.Read(Last);

    /// <summary>All rows since a time, in their order. They are read in pages, so that a long log neither fills the memory nor holds anybody up.</summary>
    public IEnumerable<AuditRow> Read(DateTimeOffset? since = null)
    {
        for (List<AuditRow>? page = null; page is null || page.Count == Page;)
        {
            page = database.Read(session => session.Query(
                $"SELECT {Columns} FROM audit WHERE sequence > @after AND at >= @since ORDER BY sequence LIMIT {Page}",
                Read,
                command => command.With("@after", page is null ? long.MinValue : page[^1].Sequence).With("@since", since?.ToUnixTimeMilliseconds() ?? long.MinValue)));
            foreach (var row in page)
            {
                yield return row;
            }
        }
    }

    /// <summary>The last rows, the newest first.</summary>
    public IReadOnlyList<AuditRow> Newest(int rows) => database.Read(session => session.Query($"SELECT {Columns} FROM audit ORDER BY sequence DESC LIMIT {rows}", Read));

    private static AuditMark Last(Session session) => session.Query(
        "SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1",
        row => new AuditMark(row.GetInt64(0), (byte[])row.GetValue(1))) is [var last] ? last : AuditMark.Beginning;

    private static void Insert(Session session, AuditRow row) => session.Execute(
        $"INSERT INTO audit ({Columns}) VALUES (@sequence, @at, @actor, @action, @target, @repository, @run, @outcome, @detail, @count, @hash)",
        command => command
            .With("@sequence", row.Sequence)
            .With("@at", row.At)
            .With("@actor", row.Actor)
            .With("@action", row.Action)
            .With("@target", row.Target)
            .With("@repository", row.Repository)
            .With("@run", row.Run)
            .With("@outcome", row.Outcome)
            .With("@detail", row.Detail)
            .With("@count", row.Count)
            .With("@hash", row.Hash));

    private static AuditRow Read(DbDataReader row) => new(
        row.GetInt64(0),
        // One that is no time was altered: it is to be found, and not to stop the search.
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(row.GetInt64(1), DateTimeOffset.MinValue.ToUnixTimeMilliseconds(), DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())),
        row.GetString(2),
        row.GetString(3),
        row.GetString(4),
        row.GetString(5),
        row.Optional(6),
        row.GetString(7),
        row.GetString(8),
        row.GetInt64(9),
        (byte[])row.GetValue(10));
}
