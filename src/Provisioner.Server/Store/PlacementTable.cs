using System.Data.Common;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Placement;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Store;

/// <summary>
/// Who has its place on the host, and who waits for one. Places are given in one transaction that reads everything and in which nobody
/// else writes: they cannot be given twice, however many processes try.
/// </summary>
/// <param name="database">The store.</param>
/// <param name="news">Whom to tell.</param>
/// <param name="recipeOf">What the machine of a request would be made from.</param>
/// <param name="time">Tells when a place was given.</param>
internal sealed class PlacementTable(Database database, VmNews news, Func<Vm, string?> recipeOf, TimeProvider time)
{
    private const string Holds = "host = @own AND placed_at IS NOT NULL AND released_at IS NULL";
    private static readonly string Waits = $"host = @own AND placed_at IS NULL AND gone_at IS NULL AND wanted = {(int)Wanted.Present}";

    private string Own => database.HostName;

    /// <summary>Whether anything may have to be decided: a fraction of the cost of reading the queue.</summary>
    public QueueMark Mark() => database.Read(session => session.Query(
        "SELECT waiting.n, waiting.latest, holding.n, holding.latest, warm.n, warm.latest, hurried.n, draining.n FROM " +
        $"(SELECT COUNT(*) AS n, COALESCE(MAX(created_at), 0) AS latest FROM vms WHERE {Waits}) AS waiting, " +
        $"(SELECT COUNT(*) AS n, COALESCE(MAX(placed_at), 0) AS latest FROM vms WHERE {Holds}) AS holding, " +
        "(SELECT COUNT(*) AS n, COALESCE(MAX(COALESCE(saved_at, ready_at)), 0) AS latest FROM vms WHERE warm IS NOT NULL AND host = @own AND gone_at IS NULL) AS warm, " +
        $"(SELECT COUNT(*) AS n FROM vms WHERE {WarmRows.Hurried}) AS hurried, " +
        $"(SELECT COUNT(*) AS n FROM hosts WHERE {HostTable.Drains}) AS draining",
        row => new QueueMark(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7) > 0),
        command => command.With("@own", Own))).Single();

    /// <summary>Who waits and what is held, as it is now.</summary>
    /// <param name="needsOf">What a VM of an image takes that asked for some CPUs, some memory, some disk and some hardware.</param>
    /// <param name="plan">What is to be kept warm.</param>
    public QueueState Read(Func<string, int?, int?, int?, string?, Resources> needsOf, WarmPlan plan) => database.Read(session => Read(session, needsOf, plan));

    /// <summary>Reads, decides, and writes what was decided.</summary>
    public Decision Place(Func<string, int?, int?, int?, string?, Resources> needsOf, WarmPlan plan, Func<QueueState, Decision> decide)
    {
        var (decision, told) = database.Write(session =>
        {
            var decided = decide(Read(session, needsOf, plan));
            var now = time.GetUtcNow();
            decided.Placed.ToList().ForEach(waiting => Write(session, waiting, now));
            var news = decided.Waits.Where(place => place.IsNews).ToList();
            news.ForEach(place => Write(session, place, now));
            WarmRows.Write(session, decided, Own, plan.MaxAge, now);
            return (decided, news);
        });
        foreach (var _ in decision.Made)
        {
            CrashPoint.Reach(CrashPoint.WarmMade);
        }

        foreach (var _ in decision.Taken)
        {
            CrashPoint.Reach(CrashPoint.WarmTaken);
        }

        foreach (var waiting in decision.Placed.Concat(decision.Taken.Select(taken => taken.Waiting)).Concat(told.Select(place => place.Waiting)))
        {
            news.Tell(waiting.Id);
        }

        return decision;
    }

    /// <summary>How many wait for their place on a host.</summary>
    public static long CountWaiting(Session session, string host) =>
        (long)session.Scalar($"SELECT COUNT(*) FROM vms WHERE {Waits}", command => command.With("@own", host))!;

    private QueueState Read(Session session, Func<string, int?, int?, int?, string?, Resources> needsOf, WarmPlan plan)
    {
        var held = session.Query(
            $"SELECT image, cpus, memory, disk, hardware, {ReservationColumns.Reserved} FROM vms WHERE {Holds}",
            row => ReservationColumns.Read(row, 5) ?? ReadNeeds(row, needsOf),
            command => command.With("@own", Own));
        var warm = WarmRows.Read(session, Own, plan, time.GetUtcNow());
        var queue = WarmRows.WithRecipes(session, ReadQueue(session, needsOf), warm, recipeOf);
        return new QueueState(
            held.Aggregate(Resources.None, (sum, one) => sum.Plus(one)),
            queue,
            queue.Count == 0 ? new Dictionary<string, DateTimeOffset>() : ReadLastServed(session, queue.Min(waiting => waiting.Since)))
        {
            Warm = warm,
            IsDraining = (long)session.Scalar($"SELECT COUNT(*) FROM hosts WHERE {HostTable.Drains}", command => command.With("@own", Own))! > 0,
        };
    }

    private List<Waiting> ReadQueue(Session session, Func<string, int?, int?, int?, string?, Resources> needsOf) => session.Query(
        $"SELECT image, cpus, memory, disk, hardware, id, repository, created_at, told_position, reason FROM vms WHERE {Waits}",
        row => new Waiting
        {
            Id = VmId.Parse(row.GetString(5)),
            Repository = row.GetString(6),
            Image = row.GetString(0),
            Since = row.Time(7)!.Value,
            Needs = ReadNeeds(row, needsOf),
            Told = (int?)row.Optional(8),
            Reason = row.GetString(9),
        },
        command => command.With("@own", Own));

    private Dictionary<string, DateTimeOffset> ReadLastServed(Session session, DateTimeOffset since) => session.Query(
            "SELECT repository, MAX(placed_at) FROM vms WHERE host = @own AND placed_at >= @since GROUP BY repository",
            row => (Repository: row.GetString(0), At: row.Time(1)!.Value),
            command => command.With("@own", Own).With("@since", since))
        .GroupBy(served => served.Repository, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(group => group.Key, group => group.Max(served => served.At), StringComparer.OrdinalIgnoreCase);

    private void Write(Session session, Waiting placed, DateTimeOffset now) => session.Execute(
        "UPDATE vms SET placed_at = @now, reserved_cpus = @reserved_cpus, reserved_memory = @reserved_memory, " +
        $"reserved_disk = @reserved_disk, reserved_devices = @reserved_devices WHERE id = @id AND {Waits}",
        command => ReservationColumns.Bind(command.With("@id", placed.Id.Value).With("@own", Own).With("@now", now), placed.Needs));

    private void Write(Session session, QueuePlace told, DateTimeOffset now)
    {
        session.Execute(
            $"UPDATE vms SET told_position = @position, reason = @reason WHERE id = @id AND {Waits}",
            command => command.With("@id", told.Waiting.Id.Value).With("@own", Own).With("@position", told.Position).With("@reason", told.Reason));
        session.Execute(
            "INSERT INTO events (vm, at, phase, message) VALUES (@vm, @at, @phase, @message)",
            command => command.With("@vm", told.Waiting.Id.Value).With("@at", now).With("@phase", (int)VmPhase.Queued).With("@message", told.Reason));
    }

    private static Resources ReadNeeds(DbDataReader row, Func<string, int?, int?, int?, string?, Resources> needsOf) =>
        needsOf(row.GetString(0), (int?)row.Optional(1), (int?)row.Optional(2), (int?)row.Optional(3), row.IsDBNull(4) ? null : row.GetString(4));
}
