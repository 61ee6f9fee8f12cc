using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Provisioner.Server.Access;

namespace Provisioner.Server.Store;

/// <summary>The API tokens, as hashes.</summary>
internal sealed class TokenTable(Database database, TimeProvider time)
{
    private const string Columns = "id, name, repositories, created_at, expires_at, revoked_at";

    public void Add(ApiToken token, string name, Grant grant, DateTimeOffset? expiresAt)
    {
        using var connection = database.Open();
        using var command = connection.CreateCommand();
        command.CommandText =
            "INSERT INTO tokens (id, name, hash, repositories, created_at, expires_at) VALUES (@id, @name, @hash, @repositories, @created, @expires)";
        command
            .With("@id", token.Id)
            .With("@name", name)
            .With("@hash", token.Hash)
            .With("@repositories", string.Join('\n', grant.Repositories))
            .With("@created", time.GetUtcNow())
            .With("@expires", expiresAt)
            .ExecuteNonQuery();
    }

    /// <summary>The record of a token that is known, whole and valid now; null for any other.</summary>
    public TokenRecord? Authenticate(ApiToken token)
    {
        using var connection = database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {Columns}, hash FROM tokens WHERE id = @id";
        command.With("@id", token.Id);
        using var row = command.ExecuteReader();
        if (!row.Read())
        {
            return null;
        }

        var record = Read(row);
        var isWhole = CryptographicOperations.FixedTimeEquals((byte[])row.GetValue(6), token.Hash);
        return isWhole && record.IsValid(time.GetUtcNow()) ? record : null;
    }

    public IReadOnlyList<TokenRecord> List()
    {
        using var connection = database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM tokens ORDER BY created_at";
        using var row = command.ExecuteReader();
        var records = new List<TokenRecord>();
        while (row.Read())
        {
            records.Add(Read(row));
        }

        return records;
    }

    /// <summary>Revokes a token; false if there is none of that id that was not revoked yet.</summary>
    public bool Revoke(string id)
    {
        using var connection = database.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE tokens SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL";
        return command.With("@id", id).With("@now", time.GetUtcNow()).ExecuteNonQuery() > 0;
    }

    private static TokenRecord Read(SqliteDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        new Grant(row.GetString(2).Split('\n')),
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
        row.Time(4),
        row.Time(5));
}
