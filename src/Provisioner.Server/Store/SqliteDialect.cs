using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Provisioner.Server.Store;

/// <summary>One file, readable by its owner alone. It survives a power cut: WAL, and each commit is written through to the disk.</summary>
internal sealed class SqliteDialect : Dialect
{
    private const int SecondsForOtherProcesses = 5;

    private readonly string _file;
    private readonly string _connection;

    public static string FileIn(string dataFolder) => Path.Combine(Path.GetFullPath(dataFolder), "provisioner.db");

    public SqliteDialect(string dataFolder)
    {
        _file = FileIn(DataFolder.Make(dataFolder));
        // SQLite gives its journal files the mode of the database.
        DataFolder.OpenFile(_file, FileShare.ReadWrite).Dispose();
        foreach (var file in new[] { _file, $"{_file}-wal", $"{_file}-shm" })
        {
            DataFolder.Close(file);
        }

        _connection = new SqliteConnectionStringBuilder { DataSource = _file, DefaultTimeout = SecondsForOtherProcesses, ForeignKeys = true }.ToString();
    }

    public override string Place => _file;

    public override bool IsShared => false;

    public override string RowLock => ""; // there is one writer at a time

    public override string? Alone => null;

    public override string Now => "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";

    public override DbConnection Open()
    {
        var connection = new SqliteConnection(_connection);
        try
        {
            connection.Open();
            using var pragma = connection.CreateCommand();
            pragma.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
            pragma.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public override DbTransaction Begin(DbConnection connection) => ((SqliteConnection)connection).BeginTransaction(deferred: false);

    public override string? FindDamage(DbConnection connection)
    {
        using var check = connection.CreateCommand();
        check.CommandText = "PRAGMA integrity_check(1)";
        return check.ExecuteScalar() is string found and not "ok" ? found : null;
    }

    public override int ReadVersion(Session session) => Convert.ToInt32(session.Scalar("PRAGMA user_version"), CultureInfo.InvariantCulture);

    public override void WriteVersion(Session session, int version) => session.Execute($"PRAGMA user_version = {version}");

    public override string Translate(string step) => step;

    /// <summary>By SQLite's result codes: https://sqlite.org/rescode.html.</summary>
    public override StoreFault? Understand(Exception problem) => problem switch
    {
        SqliteException { SqliteErrorCode: 5 or 6 } => StoreFault.Busy,
        SqliteException { SqliteErrorCode: 13 } or SqliteException { SqliteExtendedErrorCode: IoErrorSharedMemorySize } => StoreFault.Full,
        SqliteException { SqliteErrorCode: 3 or 8 or 10 or 14 or 23 } => StoreFault.Unreachable,
        SqliteException { SqliteErrorCode: 11 or 26 } => StoreFault.Corrupt,
        SqliteException => StoreFault.Failed,
        IOException or UnauthorizedAccessException => StoreFault.Unreachable,
        _ => null,
    };

    public override void Dispose() => SqliteConnection.ClearPool(new SqliteConnection(_connection));

    /// <summary>The third is for INSERT OR REPLACE, which deletes without a trigger.</summary>
    protected override IEnumerable<string> Guards(string table) =>
    [
        $"CREATE TRIGGER {table}_not_updated BEFORE UPDATE ON {table} BEGIN SELECT RAISE(ABORT, 'rows of {table} cannot be changed'); END",
        $"CREATE TRIGGER {table}_not_deleted BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, 'rows of {table} cannot be deleted'); END",
        $"CREATE TRIGGER {table}_not_replaced BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} WHERE sequence = NEW.sequence) " +
        $"BEGIN SELECT RAISE(ABORT, 'rows of {table} cannot be replaced'); END",
    ];

    // Where no room is left for the index of the journal.
    private const int IoErrorSharedMemorySize = 10 | (19 << 8);
}
