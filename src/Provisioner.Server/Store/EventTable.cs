using System.Data.Common;
using Provisioner.Contracts;
using Provisioner.GitHub;

namespace Provisioner.Server.Store;

/// <summary>The events of all VMs that somebody asked for, on all hosts.</summary>
internal sealed class EventTable(Database database)
{
    private const string Select = "SELECT e.sequence, e.vm, e.at, e.phase, e.message, e.failure, v.repository FROM events AS e JOIN vms AS v ON v.id = e.vm WHERE v.warm IS NULL";

    /// <summary>The sequence of the newest event; 0 when there is none.</summary>
    public long Newest() => database.Read(session => (long)session.Scalar("SELECT COALESCE(MAX(sequence), 0) FROM events")!);

    /// <summary>Those after a sequence number, oldest first.</summary>
    public IReadOnlyList<(VmEvent Change, RepositoryName Repository)> After(long after, int most) => database.Read(session => session.Query(
        $"{Select} AND e.sequence > @after ORDER BY e.sequence LIMIT {most}", Read, command => command.With("@after", after)));

    /// <summary>Those up to a sequence number, newest first.</summary>
    public IReadOnlyList<(VmEvent Change, RepositoryName Repository)> UpTo(long last, int most) => database.Read(session => session.Query(
        $"{Select} AND e.sequence <= @last ORDER BY e.sequence DESC LIMIT {most}", Read, command => command.With("@last", last)));

    private static (VmEvent Change, RepositoryName Repository) Read(DbDataReader row) => (
        new VmEvent(row.GetInt64(0), row.GetString(1), row.Time(2)!.Value, (VmPhase)row.Number(3), row.GetString(4), VmRow.ReadFailure(row, 5)),
        RepositoryName.Parse(row.GetString(6)));
}
