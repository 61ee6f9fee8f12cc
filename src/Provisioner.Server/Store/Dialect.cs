using System.Data.Common;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Store;

/// <summary>In what SQLite and PostgreSQL differ. All other statements are the same for both.</summary>
internal abstract class Dialect : IDisposable
{
    /// <summary>What to call the database in messages: never with a password.</summary>
    public abstract string Place { get; }

    /// <summary>Whether several hosts may have this store in common.</summary>
    public abstract bool IsShared { get; }

    /// <summary>Ends a SELECT whose rows nobody else may change before the transaction ends.</summary>
    public abstract string RowLock { get; }

    /// <summary>Waits until no other transaction holds @name, and holds it until its own ends. Null where there is only one transaction at a time.</summary>
    public abstract string? Alone { get; }

    /// <summary>An expression for the database's own time, in milliseconds since 1970.</summary>
    public abstract string Now { get; }

    public static Dialect Of(ServerOptions options) =>
        options.Store.PostgreSql.Connection.Length > 0 ? new PostgreSqlDialect(options.Store.PostgreSql) : new SqliteDialect(options.DataFolder);

    /// <summary>Opens a connection that is ready for use.</summary>
    public abstract DbConnection Open();

    /// <summary>Begins a transaction that is going to write.</summary>
    public abstract DbTransaction Begin(DbConnection connection);

    /// <summary>Whether the data can be trusted; null, or what is wrong.</summary>
    public abstract string? FindDamage(DbConnection connection);

    /// <summary>The number of schema steps that were taken. Nobody else takes one before the transaction ends.</summary>
    public abstract int ReadVersion(Session session);

    public abstract void WriteVersion(Session session, int version);

    /// <summary>A step of the schema in this dialect's words.</summary>
    public abstract string Translate(string step);

    /// <summary>What a statement of the schema takes in this dialect. <c>APPEND ONLY table</c> is none of SQL's: the rows of that table cannot be changed or deleted.</summary>
    public IEnumerable<string> Statements(string statement) =>
        statement.StartsWith(AppendOnly, StringComparison.Ordinal) ? Guards(statement[AppendOnly.Length..]) : [Translate(statement)];

    /// <summary>What an exception of the provider means; null for an exception that is not one.</summary>
    public abstract StoreFault? Understand(Exception problem);

    public abstract void Dispose();

    /// <summary>What keeps the rows of a table as they are.</summary>
    protected abstract IEnumerable<string> Guards(string table);

    private const string AppendOnly = "APPEND ONLY ";
}
