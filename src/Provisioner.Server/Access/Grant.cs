using Provisioner.GitHub;

namespace Provisioner.Server.Access;

/// <summary>What a caller may do: the repositories whose runners it may make, see and delete, and how much it may ask for. <c>owner/*</c> stands for all of an owner's.</summary>
internal sealed record Grant(IReadOnlyList<string> Repositories)
{
    private const string All = "/*";

    /// <summary>The rule of the policy that gave it; empty where none did.</summary>
    public string Rule { get; init; } = "";

    public GrantLimits Limits { get; init; } = GrantLimits.None;

    /// <summary>The one repository that a request without a repository means; null where there is not exactly one.</summary>
    public RepositoryName? Only =>
        Repositories is [var only] && RepositoryName.TryParse(only, out var repository) ? repository : null;

    public bool Covers(RepositoryName repository) => Repositories.Any(pattern =>
        pattern.EndsWith(All, StringComparison.Ordinal)
            ? string.Equals(pattern[..^All.Length], repository.Owner, StringComparison.OrdinalIgnoreCase)
            : string.Equals(pattern, repository.ToString(), StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a text may stand in a grant: <c>owner/name</c> or <c>owner/*</c>.</summary>
    public static bool IsPattern(string text) =>
        RepositoryName.TryParse(text.EndsWith(All, StringComparison.Ordinal) ? $"{text[..^1]}x" : text, out _);
}
