using Npgsql;

namespace Provisioner.Server.Configuration;

/// <summary>The PostgreSQL database that takes the place of SQLite. Several hosts may share one.</summary>
internal sealed record PostgreSqlOptions
{
    /// <summary>Npgsql's connection string, without a password: <c>Host=db;Database=vbdp;Username=vbdp;SSL Mode=VerifyFull</c>.</summary>
    public string Connection { get; set; } = "";

    /// <summary>File that holds the password and nothing else.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Everything that is wrong. What stands in the connection is not repeated: somebody may have put a password there.</summary>
    public IEnumerable<string> FindProblems()
    {
        if (Connection.Length == 0)
        {
            return PasswordFile is null ? [] : ["passwordFile: needs store.postgreSql.connection beside it."];
        }

        return [.. FindProblemsOfConnection(), .. FindProblemsOfFile()];
    }

    private IEnumerable<string> FindProblemsOfConnection()
    {
        NpgsqlConnectionStringBuilder parsed;
        try
        {
            parsed = new NpgsqlConnectionStringBuilder(Connection);
        }
        catch (Exception problem) when (problem is ArgumentException or FormatException or OverflowException or KeyNotFoundException)
        {
            return ["connection: this is not a connection string such as Host=db;Database=vbdp;Username=vbdp;SSL Mode=VerifyFull."];
        }

        return parsed switch
        {
            { Password: { Length: > 0 } } or { SslPassword: { Length: > 0 } } => ["connection: it holds a password. Put that into a file of its own, and name that in store.postgreSql.passwordFile."],
            { Host: null or "" } => ["connection: names no Host."],
            _ => [],
        };
    }

    private IEnumerable<string> FindProblemsOfFile()
    {
        if (PasswordFile is null)
        {
            return [];
        }

        try
        {
            return string.IsNullOrWhiteSpace(File.ReadAllText(PasswordFile)) ? [$"passwordFile: {PasswordFile} is empty; it must hold the password and nothing else."] : [];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return [$"passwordFile: {PasswordFile} cannot be read: {problem.Message}"];
        }
    }
}
