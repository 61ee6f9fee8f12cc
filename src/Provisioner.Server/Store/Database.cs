using System.Globalization;
using Microsoft.Data.Sqlite;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Store;

/// <summary>The SQLite file, readable by its owner alone, in its newest schema. The only memory of the server.</summary>
internal sealed class Database
{
    private readonly string _connection;

    public Database(ServerOptions options)
    {
        var file = Path.Combine(DataFolder.Make(options.DataFolder), "provisioner.db");
        // SQLite gives its journal files the mode of the database.
        DataFolder.OpenFile(file, FileShare.ReadWrite).Dispose();
        _connection = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 30, ForeignKeys = true }.ToString();
        using var connection = Open();
        Migrate(connection);
    }

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        connection.Open();
        using var pragma = connection.CreateCommand();
        pragma.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
        pragma.ExecuteNonQuery();
        return connection;
    }

    private static void Migrate(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        using var version = connection.CreateCommand();
        version.Transaction = transaction;
        version.CommandText = "PRAGMA user_version";
        var have = Convert.ToInt32(version.ExecuteScalar(), CultureInfo.InvariantCulture);
        if (have > Schema.Steps.Count)
        {
            throw new DataFolderException(
                $"The database in {connection.DataSource} was written by a newer version (schema {have}, known {Schema.Steps.Count}). Install that version again, or use another dataFolder.");
        }

        for (var step = have; step < Schema.Steps.Count; step++)
        {
            using var migration = connection.CreateCommand();
            migration.Transaction = transaction;
            migration.CommandText = $"{Schema.Steps[step]}; PRAGMA user_version = {step + 1}";
            migration.ExecuteNonQuery();
        }

        transaction.Commit();
    }
}
