namespace Provisioner.GitHub;

/// <summary>A runner as GitHub lists it. Labels come back in lower case, whatever was asked for.</summary>
public sealed record Runner(long Id, string Name, bool Online, bool Busy, bool? Ephemeral, IReadOnlyList<string> Labels)
{
    /// <summary>Whether it carries this label, in whatever case.</summary>
    public bool Has(string label) => Labels.Contains(label, StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// Whether a registration that we lost the answer of made this runner: same name, exactly our labels, single use, never
    /// connected. A runner of somebody else that happens to have the name must not be removed.
    /// </summary>
    internal bool IsUnusedRegistrationOf(string name, IReadOnlyList<string> labels) =>
        !Online && !Busy && Ephemeral != false && Name == name
        && Labels.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(labels);
}
