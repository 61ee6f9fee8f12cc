using Provisioner.Server.Configuration;

namespace Provisioner.Server.Store;

/// <summary>
/// The only memory of the server, in its newest schema. All work with it goes through <see cref="Read"/> and <see cref="Write"/>,
/// so that a provider's exceptions end here. Who writes for a host has claimed it first, and each transaction proves that it still may.
/// </summary>
internal sealed class Database : IDisposable
{
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(30);

    private readonly ServerOptions _options;
    private readonly Dialect _dialect;
    private readonly Lock _writing = new(); // SQLite has one writer, and does not queue
    private readonly Lock _claiming = new();
    private HostClaim? _claim;

    /// <param name="options">Where it is.</param>
    /// <param name="asItIs">It is not brought to the newest schema; one that has another is refused.</param>
    /// <exception cref="StoreException">It cannot be used. The message names it, the cause, and the remedy.</exception>
    public Database(ServerOptions options, bool asItIs = false)
    {
        _options = options;
        try
        {
            _dialect = Dialect.Of(options);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StoreException(StoreFault.Unreachable, $"dataFolder: the database in {options.DataFolder} cannot be used: {problem.Message} Its owner must be the user that runs the server.", problem);
        }

        try
        {
            Translated(() => asItIs ? Migration.Require(_dialect) : Migration.Bring(_dialect));
        }
        catch
        {
            _dialect.Dispose();
            throw;
        }
    }

    /// <summary>The right to write for this host; claimed when it is needed first.</summary>
    public HostClaim Host
    {
        get
        {
            lock (_claiming)
            {
                return _claim ??= Transaction(session => HostClaim.Take(session, _dialect, _options));
            }
        }
    }

    public string HostName => _options.HostName;

    /// <summary>Reads, without a transaction: what one statement sees belongs together.</summary>
    public T Read<T>(Func<Session, T> act) => Translated(() =>
    {
        using var connection = _dialect.Open();
        return act(new Session(connection, null, _dialect));
    });

    /// <summary>Writes for this host, in one transaction in which nobody else does.</summary>
    public T Write<T>(Func<Session, T> act)
    {
        var host = Host;
        return Transaction(session =>
        {
            host.Prove(session);
            return act(session);
        });
    }

    /// <summary>Writes what belongs to no host.</summary>
    public T Transaction<T>(Func<Session, T> act) => InTurn(() => Translated(() =>
    {
        using var connection = _dialect.Open();
        using var transaction = _dialect.Begin(connection);
        var result = act(new Session(connection, transaction, _dialect));
        transaction.Commit();
        return result;
    }));

    /// <summary>Throws when the store does not answer.</summary>
    public void Check() => Read(session => session.Scalar("SELECT 1"));

    public void Dispose()
    {
        _claim?.Dispose();
        _dialect.Dispose();
    }

    private T InTurn<T>(Func<T> act)
    {
        if (_dialect.IsShared)
        {
            return act();
        }

        if (!_writing.TryEnter(Turn))
        {
            throw new StoreException(StoreFault.Busy, $"{_dialect.Place}: other writers did not finish within {Turn:c}.");
        }

        try
        {
            return act();
        }
        finally
        {
            _writing.Exit();
        }
    }

    private T Translated<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception problem) when (_dialect.Understand(problem) is { } fault)
        {
            throw new StoreException(fault, StoreText.Describe(fault, _dialect.Place, problem.Message), problem);
        }
    }
}
