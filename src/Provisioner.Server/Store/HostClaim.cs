using System.Data.Common;
using System.Globalization;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Store;

/// <summary>
/// The right of this process to write for its host. Each claim raises the host's epoch, and each write proves that its epoch
/// is still the current one: a process that was replaced, and does not know it, can write nothing.
/// </summary>
internal sealed class HostClaim : IDisposable
{
    private readonly Dialect _dialect;
    private readonly long _lease;
    private readonly CancellationTokenSource _lost = new();

    private HostClaim(Dialect dialect, string name, long epoch, long lease) =>
        (_dialect, Name, Epoch, _lease, Lost) = (dialect, name, epoch, lease, _lost.Token);

    public string Name { get; }

    public long Epoch { get; }

    /// <summary>Fires when it turns out that another process has claimed the host.</summary>
    public CancellationToken Lost { get; }

    /// <exception cref="DataFolderException">Another process has the host, and its lease is not over.</exception>
    public static HostClaim Take(Session session, Dialect dialect, ServerOptions options)
    {
        var (name, lease) = (options.HostName, (long)options.Store.Lease.TotalMilliseconds);
        // Who came from the same data folder is dead: we hold that folder's lock. A store that is not shared has that lock alone.
        var isFree = dialect.IsShared ? $"WHERE hosts.lease_until < {dialect.Now} OR hosts.home = excluded.home" : "WHERE TRUE";
        var epoch = session.Scalar(
            $"""
            INSERT INTO hosts (name, epoch, lease_until, process, home) VALUES (@name, 1, {dialect.Now} + @lease, @process, @home)
            ON CONFLICT (name) DO UPDATE SET epoch = hosts.epoch + 1, lease_until = excluded.lease_until, process = excluded.process, home = excluded.home
            {isFree} RETURNING epoch
            """,
            command => command
                .With("@name", name)
                .With("@lease", lease)
                .With("@process", $"{Environment.ProcessId} on {Environment.MachineName}")
                .With("@home", DataFolder.Id(options)));
        if (epoch is null)
        {
            throw Refusal(session, name);
        }

        session.Execute(
            dialect.IsShared ? "UPDATE vms SET host = @name WHERE host = ''" : "UPDATE vms SET host = @name WHERE host <> @name",
            command => command.With("@name", name));
        return new HostClaim(dialect, name, Convert.ToInt64(epoch, CultureInfo.InvariantCulture), lease);
    }

    /// <summary>Holds the host until the transaction ends.</summary>
    /// <exception cref="StoreException">Another process has claimed it.</exception>
    public void Prove(Session session)
    {
        var own = session.Scalar($"SELECT epoch FROM hosts WHERE name = @name AND epoch = @epoch{session.RowLock}", Bind);
        if (own is null)
        {
            throw Stale();
        }
    }

    /// <summary>Holds the host for another while.</summary>
    /// <exception cref="StoreException">Another process has claimed it.</exception>
    public int Renew(Session session) => SetLease(session, $"{_dialect.Now} + {_lease}");

    /// <summary>Lets a successor in at once.</summary>
    public int Release(Session session) => SetLease(session, "0");

    public void Dispose() => _lost.Dispose();

    private int SetLease(Session session, string until) =>
        session.Execute($"UPDATE hosts SET lease_until = {until} WHERE name = @name AND epoch = @epoch", Bind) is > 0 and var rows
            ? rows
            : throw Stale();

    private void Bind(DbCommand command) => command.With("@name", Name).With("@epoch", Epoch);

    private StoreException Stale()
    {
        _lost.Cancel();
        return new StoreException(
            StoreFault.StaleEpoch,
            $"{_dialect.Place}: another process has claimed the host {Name} since this one did (epoch {Epoch}); this one must write nothing more.");
    }

    private static DataFolderException Refusal(Session session, string name)
    {
        var held = session.Query("SELECT process, lease_until FROM hosts WHERE name = @name", row => (row.GetString(0), row.Time(1)), command => command.With("@name", name)).Single();
        return new DataFolderException(
            $"name: the host {name} is held by the server with process id {held.Item1}, until {held.Item2:u} if it does not renew that. " +
            "Stop that server, give this one another name, or wait until then.");
    }
}
