using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Provisioner.Server.Access;

namespace Provisioner.Server.Store;

/// <summary>The API tokens, as hashes.</summary>
internal sealed class TokenTable(Database database, TimeProvider time)
{
    private const string Columns = "id, name, repositories, created_at, expires_at, revoked_at, limits";

    public void Add(ApiToken token, string name, Grant grant, DateTimeOffset? expiresAt) => database.Transaction(session => session.Execute(
        "INSERT INTO tokens (id, name, hash, repositories, created_at, expires_at, limits) VALUES (@id, @name, @hash, @repositories, @created, @expires, @limits)",
        command => command
            .With("@id", token.Id)
            .With("@name", name)
            .With("@hash", token.Hash)
            .With("@repositories", string.Join('\n', grant.Repositories))
            .With("@created", time.GetUtcNow())
            .With("@expires", expiresAt)
            .With("@limits", JsonSerializer.Serialize(grant.Limits, GrantJson.Default.GrantLimits))));

    /// <summary>The record of a token that is known, whole and valid now; null for any other.</summary>
    public TokenRecord? Authenticate(ApiToken token)
    {
        var found = database.Read(session => session.Query(
            $"SELECT {Columns}, hash FROM tokens WHERE id = @id",
            row => (Record: Read(row), Hash: (byte[])row.GetValue(7)),
            command => command.With("@id", token.Id)));
        return found is [var (record, hash)] && CryptographicOperations.FixedTimeEquals(hash, token.Hash) && record.IsValid(time.GetUtcNow()) ? record : null;
    }

    public IReadOnlyList<TokenRecord> List() => database.Read(session => session.Query($"SELECT {Columns} FROM tokens ORDER BY created_at", Read));

    /// <summary>Revokes a token; false if there is none of that id that was not revoked yet.</summary>
    public bool Revoke(string id) => database.Transaction(session => session.Execute(
        "UPDATE tokens SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL",
        command => command.With("@id", id).With("@now", time.GetUtcNow()))) > 0;

    private static TokenRecord Read(DbDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        new Grant(row.GetString(2).Split('\n')) { Rule = $"token:{row.GetString(0)}", Limits = ReadLimits(row, 6) },
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
        row.Time(4),
        row.Time(5));

    /// <summary>Null in rows of before there were limits.</summary>
    private static GrantLimits ReadLimits(DbDataReader row, int column) =>
        row.IsDBNull(column) ? GrantLimits.None : JsonSerializer.Deserialize(row.GetString(column), GrantJson.Default.GrantLimits)!;
}
