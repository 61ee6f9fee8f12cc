namespace Provisioner.Server.Access;

/// <summary>A token as the store has it: everything but the secret.</summary>
internal sealed record TokenRecord(
    string Id, string Name, Grant Grant, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt)
{
    public bool IsValid(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);
}
