using Microsoft.Data.Sqlite;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Store;

/// <summary>
/// All VMs and their events. A change of a VM and the event that tells of it are one transaction; who waits for events is
/// woken after it. Synchronous, because SQLite is.
/// </summary>
internal sealed class VmTable(Database database, VmNews news, TimeProvider time)
{
    public Vm? Find(VmId id)
    {
        using var connection = database.Open();
        return Find(connection, null, id);
    }

    public IReadOnlyList<Vm> List() => Query("ORDER BY created_at, id");

    /// <summary>Everything that is not gone yet, oldest first.</summary>
    public IReadOnlyList<Vm> Live() => Query("WHERE gone_at IS NULL ORDER BY created_at, id");

    /// <summary>
    /// Writes a new VM, unless its id is in use. A VM that is gone gives its id free for another request (another key).
    /// </summary>
    /// <returns>The row that stands now, and whether it is new.</returns>
    public (Vm Vm, bool Created) Add(Vm vm)
    {
        using var connection = database.Open();
        using var transaction = connection.BeginTransaction(deferred: false);
        if (Find(connection, transaction, vm.Id) is { } standing)
        {
            if (standing.GoneAt is null || standing.Key == vm.Key)
            {
                return (standing, false);
            }

            Execute(connection, transaction, "DELETE FROM vms WHERE id = @id", command => command.With("@id", vm.Id.Value));
        }

        Execute(connection, transaction, VmRow.Insert, command => VmRow.Bind(command, vm));
        Tell(connection, transaction, vm);
        transaction.Commit();
        news.Tell(vm.Id);
        return (vm, true);
    }

    /// <summary>Changes a VM. Where phase, reason or failure change, an event tells of it. Null if there is no such VM.</summary>
    public Vm? Change(VmId id, Func<Vm, Vm> change)
    {
        using var connection = database.Open();
        using var transaction = connection.BeginTransaction(deferred: false);
        if (Find(connection, transaction, id) is not { } before)
        {
            return null;
        }

        var after = change(before);
        if (after == before)
        {
            return before;
        }

        Execute(connection, transaction, VmRow.Upsert, command => VmRow.Bind(command, after));
        var isNews = (after.Phase, after.Reason, after.Failure) != (before.Phase, before.Reason, before.Failure);
        if (isNews)
        {
            Tell(connection, transaction, after);
        }

        transaction.Commit();
        if (isNews)
        {
            news.Tell(id);
        }

        return after;
    }

    /// <summary>The events of a VM after a sequence number, oldest first.</summary>
    public IReadOnlyList<VmEvent> Events(VmId id, long after)
    {
        using var connection = database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sequence, at, phase, message, failure FROM events WHERE vm = @vm AND sequence > @after ORDER BY sequence";
        command.With("@vm", id.Value).With("@after", after);
        using var row = command.ExecuteReader();
        var events = new List<VmEvent>();
        while (row.Read())
        {
            events.Add(new VmEvent(
                row.GetInt64(0),
                id.Value,
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)),
                (VmPhase)row.GetInt32(2),
                row.GetString(3),
                VmRow.ReadFailure(row, 4)));
        }

        return events;
    }

    /// <summary>Forgets VMs that have been gone since before a time.</summary>
    public void Forget(DateTimeOffset goneBefore)
    {
        using var connection = database.Open();
        Execute(connection, null, "DELETE FROM vms WHERE gone_at < @before", command => command.With("@before", goneBefore));
    }

    private void Tell(SqliteConnection connection, SqliteTransaction transaction, Vm vm) => Execute(
        connection,
        transaction,
        "INSERT INTO events (vm, at, phase, message, failure) VALUES (@vm, @at, @phase, @message, @failure)",
        command => command
            .With("@vm", vm.Id.Value)
            .With("@at", time.GetUtcNow())
            .With("@phase", (int)vm.Phase)
            .With("@message", vm.Reason)
            .With("@failure", VmRow.WriteFailure(vm.Failure)));

    private static Vm? Find(SqliteConnection connection, SqliteTransaction? transaction, VmId id)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"SELECT {VmRow.Columns} FROM vms WHERE id = @id";
        command.With("@id", id.Value);
        using var row = command.ExecuteReader();
        return row.Read() ? VmRow.Read(row) : null;
    }

    private List<Vm> Query(string condition)
    {
        using var connection = database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {VmRow.Columns} FROM vms {condition}";
        using var row = command.ExecuteReader();
        var vms = new List<Vm>();
        while (row.Read())
        {
            vms.Add(VmRow.Read(row));
        }

        return vms;
    }

    private static void Execute(SqliteConnection connection, SqliteTransaction? transaction, string sql, Action<SqliteCommand> bind)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        bind(command);
        command.ExecuteNonQuery();
    }
}
