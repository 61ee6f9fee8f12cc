namespace Provisioner.GitHubSimulator.Rest;

/// <summary>Whom a token stands for, and which repositories it may see; no owner: everybody's, no names: all of the owner's.</summary>
internal sealed record Caller(CallerKind Kind, string? Owner = null, IReadOnlyList<string>? Repositories = null)
{
    public bool MaySee(string owner, string name) =>
        (Owner is null || string.Equals(Owner, owner, StringComparison.OrdinalIgnoreCase))
        && (Repositories is null || Repositories.Contains(name, StringComparer.OrdinalIgnoreCase));
}
