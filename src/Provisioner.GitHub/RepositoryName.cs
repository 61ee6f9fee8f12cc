using System.Diagnostics.CodeAnalysis;

namespace Provisioner.GitHub;

/// <summary>An owner and a repository. Its characters are checked, so it can stand in the path of a URL as it is.</summary>
public readonly record struct RepositoryName
{
    public const string Rule = "OWNER/NAME, both of letters, digits, '-', '_' and '.'";

    private const int MaxPart = 100;

    private RepositoryName(string owner, string name) => (Owner, Name) = (owner, name);

    public string Owner { get; }

    public string Name { get; }

    public static bool TryParse([NotNullWhen(true)] string? text, out RepositoryName repository)
    {
        var parts = text?.Split('/') ?? [];
        return parts is [var owner, var name] ? TryCreate(owner, name, out repository) : TryCreate(null, null, out repository);
    }

    public static bool TryCreate(string? owner, string? name, out RepositoryName repository)
    {
        var valid = IsPart(owner) && IsPart(name);
        repository = valid ? new RepositoryName(owner!, name!) : default;
        return valid;
    }

    /// <exception cref="FormatException">The text is not a repository.</exception>
    public static RepositoryName Parse(string text) =>
        TryParse(text, out var repository) ? repository : throw new FormatException($"A repository is {Rule}.");

    public override string ToString() => $"{Owner}/{Name}";

    // "." and ".." would walk up the path of the URL that the name is put in.
    private static bool IsPart([NotNullWhen(true)] string? part) =>
        part is { Length: > 0 and <= MaxPart } and not ("." or "..") && part.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
