using System.Data.Common;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Store;

/// <summary>A PostgreSQL database, which several hosts may have in common.</summary>
internal sealed class PostgreSqlDialect : Dialect
{
    private const long MigrationLock = 0x76626470; // "vbdp": whoever migrates holds it

    private readonly NpgsqlDataSource _source;

    public PostgreSqlDialect(PostgreSqlOptions options)
    {
        var builder = new NpgsqlSlimDataSourceBuilder(options.Connection);
        builder.EnableTransportSecurity();
        if (options.PasswordFile is { } file)
        {
            // Read for each new connection, so that a new password needs no restart; and never a part of the connection string.
            builder.UsePasswordProvider(_ => File.ReadAllText(file).Trim(), async (_, stop) => (await File.ReadAllTextAsync(file, stop)).Trim());
        }

        var names = builder.ConnectionStringBuilder;
        Place = $"PostgreSQL database {names.Database ?? names.Username} at {names.Host}";
        _source = builder.Build();
    }

    public override string Place { get; }

    public override bool IsShared => true;

    public override string RowLock => " FOR UPDATE";

    public override string Alone { get; } = $"SELECT pg_advisory_xact_lock(hashtextextended(@name, {MigrationLock}))";

    public override string Now => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

    public override DbConnection Open() => _source.OpenConnection();

    public override DbTransaction Begin(DbConnection connection) => connection.BeginTransaction();

    public override string? FindDamage(DbConnection connection) => null; // its server's own task

    public override int ReadVersion(Session session)
    {
        session.Execute($"SELECT pg_advisory_xact_lock({MigrationLock})");
        session.Execute("CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)");
        return Convert.ToInt32(session.Scalar("SELECT COALESCE(MAX(version), 0) FROM schema_version"), CultureInfo.InvariantCulture);
    }

    public override void WriteVersion(Session session, int version)
    {
        session.Execute("DELETE FROM schema_version");
        session.Execute($"INSERT INTO schema_version (version) VALUES ({version})");
    }

    /// <summary>SQLite's INTEGER has 64 bits, and STRICT is what PostgreSQL always is.</summary>
    public override string Translate(string step) => step
        .Replace("INTEGER PRIMARY KEY AUTOINCREMENT", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", StringComparison.Ordinal)
        .Replace(" INTEGER", " BIGINT", StringComparison.Ordinal)
        .Replace(" BLOB", " BYTEA", StringComparison.Ordinal)
        .Replace(") STRICT", ")", StringComparison.Ordinal);

    /// <summary>By PostgreSQL's error codes: https://www.postgresql.org/docs/15/errcodes-appendix.html.</summary>
    public override StoreFault? Understand(Exception problem) => problem switch
    {
        PostgresException { SqlState: "55P03" or "40001" or "40P01" or "57014" } => StoreFault.Busy,
        PostgresException { SqlState: "53100" } => StoreFault.Full,
        PostgresException { SqlState: "XX001" or "XX002" } => StoreFault.Corrupt,
        PostgresException { SqlState: var state } when state[..2] is "08" or "28" or "53" or "57" or "58" or "3D" => StoreFault.Unreachable,
        PostgresException { SqlState: "25006" } => StoreFault.Unreachable, // read-only: a standby
        PostgresException => StoreFault.Failed,
        NpgsqlException or IOException or SocketException or TimeoutException or UnauthorizedAccessException => StoreFault.Unreachable,
        _ => null,
    };

    public override void Dispose() => _source.Dispose();

    protected override IEnumerable<string> Guards(string table) =>
    [
        $"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'rows of {table} cannot be changed or deleted'; END $$",
        $"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()",
    ];
}
