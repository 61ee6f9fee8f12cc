using System.Data.Common;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Audit;
using Provisioner.Server.Observability;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Store;

/// <summary>
/// All VMs and their events. A change of a VM, the event that tells of it and its row in the audit log are one transaction; who waits for
/// events is woken after it. Synchronous, because SQLite is.
/// </summary>
internal sealed class VmTable(Database database, VmNews news, TimeProvider time)
{
    /// <summary>The host whose rows are this server's own.</summary>
    public string Host => database.HostName;

    public Vm? Find(VmId id) => database.Read(session => Find(session, id));

    /// <summary>The VM whose machine has this name; null where no row wants it.</summary>
    public Vm? FindOfMachine(VmId machine) => database.Read(session => FindOfMachine(session, machine));

    /// <summary>Those of all hosts that somebody asked for.</summary>
    public IReadOnlyList<Vm> List() => database.Read(session => Query(session, "WHERE warm IS NULL"));

    /// <summary>Everything of this host that is not gone yet, oldest first.</summary>
    public IReadOnlyList<Vm> Live() => database.Read(session => Query(session, "WHERE gone_at IS NULL AND host = @own", command => command.With("@own", Host)));

    /// <summary>All that the host has to act for, oldest first: what has its place, and what is to go.</summary>
    public IReadOnlyList<Vm> Acting() => database.Read(session => Query(
        session,
        $"WHERE gone_at IS NULL AND host = @own AND (placed_at IS NOT NULL OR wanted = {(int)Wanted.Gone})",
        command => command.With("@own", Host)));

    /// <summary>Those that wait for their place and were asked for before a time, or whose life is over or has yet to begin.</summary>
    public IReadOnlyList<Vm> WaitingSince(DateTimeOffset askedBefore) => database.Read(session => Query(
        session,
        "WHERE placed_at IS NULL AND gone_at IS NULL AND host = @own AND (created_at < @before OR created_at > @now OR expires_at <= @now)",
        command => command.With("@own", Host).With("@before", askedBefore).With("@now", time.GetUtcNow())));

    /// <summary>
    /// Writes a new VM of this host, unless its id is in use. A VM that is gone gives its id free for another request (another key).
    /// </summary>
    /// <returns>The row that stands now, and whether it is new.</returns>
    public (Vm Vm, bool Created) Add(Vm vm)
    {
        var (standing, created, _) = TryAdd(vm, long.MaxValue);
        return (standing!, created);
    }

    /// <summary>
    /// The same; but nothing is written where a new VM would find that many in the queue already, or that many of its repository living
    /// under its rule, on all hosts together. That is counted in the transaction that writes it, and no two count at the same time.
    /// </summary>
    public Admitted TryAdd(Vm vm, long mostWaiting, int? mostOfRule = null)
    {
        var admitted = database.Write(session => TryAdd(session, vm with { Host = Host }, mostWaiting, mostOfRule));
        if (admitted.Created)
        {
            CrashPoint.Reach(CrashPoint.RowWritten);
            news.Tell(vm.Id);
        }

        return admitted;
    }

    /// <summary>Changes a VM. Where phase, reason or failure change, an event tells of it. Null if there is no such VM.</summary>
    /// <param name="id">Which.</param>
    /// <param name="change">How.</param>
    /// <param name="message">What an event tells of any change, in place of the reason.</param>
    /// <param name="by">The caller that changes it, for the audit log; null for the server itself.</param>
    public Vm? Change(VmId id, Func<Vm, Vm> change, string? message = null, string? by = null)
    {
        return Tell(database.Write(session => Change(session, id, change, message, by)));
    }

    /// <summary>Changes the VM whose machine has this name. Null if no row wants it.</summary>
    public Vm? ChangeOfMachine(VmId machine, Func<Vm, Vm> change)
    {
        return Tell(database.Write(session => FindOfMachine(session, machine) is { } vm ? Change(session, vm.Id, change, message: null, by: null) : (null, null, false)));
    }

    /// <summary>Those of this host that failed last, the last one first.</summary>
    public IReadOnlyList<Vm> Failures(int most) => database.Read(session => session.Query(
        $"SELECT {VmRow.Columns} FROM vms WHERE failure IS NOT NULL AND host = @own ORDER BY created_at DESC, id LIMIT {most}", VmRow.Read, command => command.With("@own", Host)));

    /// <summary>How many VMs of this host are in each phase, by image, warm ones among them.</summary>
    public IReadOnlyList<(string Image, VmPhase Phase, long Count)> Count() => database.Read(session => session.Query(
        "SELECT image, phase, COUNT(*) FROM vms WHERE gone_at IS NULL AND host = @own GROUP BY image, phase",
        row => (row.GetString(0), (VmPhase)row.Number(1), row.GetInt64(2)),
        command => command.With("@own", Host)));

    /// <summary>The events of a VM after a sequence number, oldest first.</summary>
    public IReadOnlyList<VmEvent> Events(VmId id, long after) => database.Read(session => session.Query(
        "SELECT sequence, at, phase, message, failure FROM events WHERE vm = @vm AND sequence > @after ORDER BY sequence",
        row => new VmEvent(
            row.GetInt64(0),
            id.Value,
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)),
            (VmPhase)row.Number(2),
            row.GetString(3),
            VmRow.ReadFailure(row, 4)),
        command => command.With("@vm", id.Value).With("@after", after)));

    /// <summary>Forgets VMs of this host that have been gone since before a time.</summary>
    public void Forget(DateTimeOffset goneBefore) => database.Write(session => session.Execute(
        "DELETE FROM vms WHERE gone_at < @before AND host = @own",
        command => command.With("@before", goneBefore).With("@own", Host)));

    /// <summary>
    /// Moves all times of this host's VMs, because its clock has jumped. <paramref name="moveClock"/> runs while nobody else can write:
    /// who changes a row sees clock and row both as before or both as after.
    /// </summary>
    public void Shift(TimeSpan by, Action<TimeSpan> moveClock)
    {
        var moved = false;
        try
        {
            database.Write(session =>
            {
                session.Execute(VmRow.Shift, command => command.With("@by", (long)by.TotalMilliseconds).With("@own", Host));
                moveClock(by);
                return moved = true;
            });
        }
        catch when (moved)
        {
            moveClock(-by);
            throw;
        }
    }

    private Admitted TryAdd(Session session, Vm vm, long mostWaiting, int? mostOfRule)
    {
        if (mostOfRule is not null)
        {
            // From here on nobody else looks for one or counts them, on this host or another, before the transaction ends.
            session.Alone($"{vm.Rule} {vm.Repository}".ToLowerInvariant());
        }

        if (Find(session, vm.Id) is { } standing)
        {
            if (standing.GoneAt is null || standing.Key == vm.Key)
            {
                return new Admitted(standing, Created: false);
            }
        }

        if (mostOfRule is not null && CountOfRule(session, vm) >= mostOfRule)
        {
            return Admitted.None(NoRoom.RuleUsedUp);
        }

        if (PlacementTable.CountWaiting(session, vm.Host) >= mostWaiting)
        {
            return Admitted.None(NoRoom.QueueFull);
        }

        session.Execute("DELETE FROM vms WHERE id = @id AND gone_at IS NOT NULL", command => command.With("@id", vm.Id.Value));
        if (session.Execute($"{VmRow.Insert} ON CONFLICT (id) DO NOTHING", command => VmRow.Bind(command, vm)) == 0)
        {
            return new Admitted(Find(session, vm.Id), Created: false); // another host was quicker by a moment
        }

        Tell(session, vm, time.GetUtcNow());
        AuditTable.Append(session, VmAudit.Requested(vm), time.GetUtcNow());
        CrashPoint.Reach(CrashPoint.RowUncommitted);
        return new Admitted(vm, Created: true);
    }

    /// <summary>How many of a VM's repository live under its rule.</summary>
    private static long CountOfRule(Session session, Vm vm) => (long)session.Scalar(
        "SELECT COUNT(*) FROM vms WHERE gone_at IS NULL AND released_at IS NULL AND rule = @rule AND LOWER(repository) = LOWER(@repository)",
        command => command.With("@rule", vm.Rule).With("@repository", vm.Repository.ToString()))!;

    private Vm? Tell((Vm? Before, Vm? After, bool IsNews) change)
    {
        if (change is { Before: { } before, After: { } after } && !ReferenceEquals(before, after))
        {
            VmPhases.Note(before, after);
        }

        if (change.IsNews)
        {
            news.Tell(change.After!.Id);
        }

        return change.After;
    }

    private (Vm? Before, Vm? After, bool IsNews) Change(Session session, VmId id, Func<Vm, Vm> change, string? message, string? by)
    {
        if (Find(session, id) is not { } before)
        {
            return (null, null, false);
        }

        var after = change(before);
        if (after == before)
        {
            return (before, before, false);
        }

        session.Execute(VmRow.Upsert, command => VmRow.Bind(command, after));
        var isNews = message is not null || (after.Phase, after.Reason, after.Failure) != (before.Phase, before.Reason, before.Failure);
        if (isNews)
        {
            Tell(session, message is null ? after : after with { Reason = message }, time.GetUtcNow());
        }

        foreach (var entry in VmAudit.Changed(before, after, by))
        {
            AuditTable.Append(session, entry, time.GetUtcNow());
        }

        return (before, after, isNews);
    }

    /// <summary>Writes the event that tells of a VM as it is.</summary>
    internal static void Tell(Session session, Vm vm, DateTimeOffset now) => session.Execute(
        "INSERT INTO events (vm, at, phase, message, failure) VALUES (@vm, @at, @phase, @message, @failure)",
        command => command
            .With("@vm", vm.Id.Value)
            .With("@at", now)
            .With("@phase", (int)vm.Phase)
            .With("@message", vm.Reason)
            .With("@failure", VmRow.WriteFailure(vm.Failure)));

    internal static Vm? Find(Session session, VmId id) => session.Query(
        $"SELECT {VmRow.Columns} FROM vms WHERE id = @id{session.RowLock}", VmRow.Read, command => command.With("@id", id.Value)).SingleOrDefault();

    private static Vm? FindOfMachine(Session session, VmId machine) => session.Query(
        $"SELECT {VmRow.Columns} FROM vms WHERE gone_at IS NULL AND (machine = @machine OR (id = @machine AND machine IS NULL)){session.RowLock}",
        VmRow.Read,
        command => command.With("@machine", machine.Value)).SingleOrDefault();

    internal static List<Vm> Query(Session session, string condition, Action<DbCommand>? bind = null) =>
        session.Query($"SELECT {VmRow.Columns} FROM vms {condition} ORDER BY created_at, id", VmRow.Read, bind);
}
