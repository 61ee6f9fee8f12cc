using System.Data.Common;

namespace Provisioner.Server.Store;

/// <summary>A connection for as long as one piece of work with the store takes, and its transaction if it is one that writes.</summary>
internal sealed class Session(DbConnection connection, DbTransaction? transaction, Dialect dialect)
{
    /// <summary>Ends a SELECT of rows that this transaction is about to change.</summary>
    public string RowLock => transaction is null ? "" : dialect.RowLock;

    /// <summary>The database's own clock, in milliseconds since 1970, as an expression.</summary>
    public string Now => dialect.Now;

    /// <summary>Whether other hosts write into this database, too.</summary>
    public bool IsShared => dialect.IsShared;

    /// <summary>From here to the end of the transaction nobody else does what has this name, whichever server they write for.</summary>
    public void Alone(string name)
    {
        if (dialect.Alone is { } sql)
        {
            Execute(sql, command => command.With("@name", name));
        }
    }

    public DbCommand Command(string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        return command;
    }

    /// <summary>Returns how many rows it changed.</summary>
    public int Execute(string sql, Action<DbCommand>? bind = null)
    {
        using var command = Command(sql);
        bind?.Invoke(command);
        return command.ExecuteNonQuery();
    }

    /// <summary>The first column of the first row; null when there is none.</summary>
    public object? Scalar(string sql, Action<DbCommand>? bind = null)
    {
        using var command = Command(sql);
        bind?.Invoke(command);
        return command.ExecuteScalar();
    }

    public List<T> Query<T>(string sql, Func<DbDataReader, T> read, Action<DbCommand>? bind = null)
    {
        using var command = Command(sql);
        bind?.Invoke(command);
        using var row = command.ExecuteReader();
        var found = new List<T>();
        while (row.Read())
        {
            found.Add(read(row));
        }

        return found;
    }
}
