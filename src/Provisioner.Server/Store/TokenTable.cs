using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Provisioner.Server.Access;
using Provisioner.Server.Audit;

namespace Provisioner.Server.Store;

/// <summary>The API tokens, as hashes.</summary>
internal sealed class TokenTable(Database database, TimeProvider time)
{
    private const string Columns = "id, name, repositories, created_at, expires_at, revoked_at, limits, last_used_at";

    private readonly ConcurrentDictionary<string, DateTimeOffset> _uses = new();

    public void Add(ApiToken token, string name, Grant grant, DateTimeOffset? expiresAt) => database.Transaction(session =>
    {
        var added = session.Execute(
            "INSERT INTO tokens (id, name, hash, repositories, created_at, expires_at, limits) VALUES (@id, @name, @hash, @repositories, @created, @expires, @limits)",
            command => command
                .With("@id", token.Id)
                .With("@name", name)
                .With("@hash", token.Hash)
                .With("@repositories", string.Join('\n', grant.Repositories))
                .With("@created", time.GetUtcNow())
                .With("@expires", expiresAt)
                .With("@limits", JsonSerializer.Serialize(grant.Limits, GrantJson.Default.GrantLimits)));
        Tell(session, AuditAction.TokenCreated, token.Id, $"{name}: {string.Join(", ", [.. grant.Repositories, .. grant.Limits.Role is { } role ? [$"{role.ToString().ToLowerInvariant()} of the host"] : Array.Empty<string>()])}{(expiresAt is { } end ? $", until {end:u}" : "")}");
        return added;
    });

    /// <summary>The record of a token that is known, whole and valid now; null for any other.</summary>
    public TokenRecord? Authenticate(ApiToken token)
    {
        var found = database.Read(session => session.Query(
            $"SELECT {Columns}, hash FROM tokens WHERE id = @id",
            row => (Record: Read(row), Hash: (byte[])row.GetValue(8)),
            command => command.With("@id", token.Id)));
        var now = time.GetUtcNow();
        if (found is not [var (record, hash)] || !CryptographicOperations.FixedTimeEquals(hash, token.Hash) || !record.IsValid(now))
        {
            return null;
        }

        _uses[token.Id] = now;
        return record;
    }

    /// <summary>Writes when tokens were used last: not with each request, which then writes nothing, but for all of them together.</summary>
    public void WriteUses()
    {
        var uses = _uses.OrderBy(use => use.Key, StringComparer.Ordinal).ToArray(); // in one order, as another host locks them too
        if (uses.Length == 0)
        {
            return;
        }

        database.Transaction(session => uses.Sum(use => session.Execute(
            "UPDATE tokens SET last_used_at = @at WHERE id = @id AND (last_used_at IS NULL OR last_used_at < @at)",
            command => command.With("@id", use.Key).With("@at", use.Value))));
        foreach (var use in uses)
        {
            _uses.TryRemove(use); // unless it was used again meanwhile
        }
    }

    public IReadOnlyList<TokenRecord> List() => database.Read(session => session.Query($"SELECT {Columns} FROM tokens ORDER BY created_at", Read));

    /// <summary>Revokes a token; false if there is none of that id that was not revoked yet.</summary>
    public bool Revoke(string id) => database.Transaction(session =>
    {
        var isRevoked = session.Execute(
            "UPDATE tokens SET revoked_at = @now WHERE id = @id AND revoked_at IS NULL",
            command => command.With("@id", id).With("@now", time.GetUtcNow())) > 0;
        if (isRevoked)
        {
            Tell(session, AuditAction.TokenRevoked, id, "");
        }

        return isRevoked;
    });

    private void Tell(Session session, AuditAction action, string token, string detail) => AuditTable.Append(
        session, new AuditEntry($"operator:{Environment.UserName}", action) { Target = token, Detail = detail }, time.GetUtcNow());

    private static TokenRecord Read(DbDataReader row) => new(
        row.GetString(0),
        row.GetString(1),
        new Grant(row.GetString(2).Split('\n')) { Rule = $"token:{row.GetString(0)}", Limits = ReadLimits(row, 6) },
        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
        row.Time(4),
        row.Time(5),
        row.Time(7));

    /// <summary>Null in rows of before there were limits.</summary>
    private static GrantLimits ReadLimits(DbDataReader row, int column) =>
        row.IsDBNull(column) ? GrantLimits.None : JsonSerializer.Deserialize(row.GetString(column), GrantJson.Default.GrantLimits)!;
}
