namespace Provisioner.Server.Configuration;

/// <summary>Where the server keeps what it knows: SQLite in the data folder, unless a PostgreSQL is named.</summary>
internal sealed record StoreOptions
{
    public PostgreSqlOptions PostgreSql { get; set; } = new();

    /// <summary>How long this host is held for a server that does not renew it.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);
}
