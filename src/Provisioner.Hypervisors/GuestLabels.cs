namespace Provisioner.Hypervisors;

/// <summary>For whom a guest works, as it can read it. Nothing in it is secret.</summary>
/// <param name="Label">The VM's id: the name of the Go version.</param>
/// <param name="Owner">The repository's owner.</param>
/// <param name="Repository">The repository's name without its owner.</param>
public sealed record GuestLabels(string Label, string Owner, string Repository)
{
    /// <summary>Under the names by which guests know them. What is empty is not known yet.</summary>
    public IEnumerable<KeyValuePair<string, string>> Known =>
        new[] { KeyValuePair.Create("label", Label), KeyValuePair.Create("owner", Owner), KeyValuePair.Create("repo", Repository) }
            .Where(label => label.Value.Length > 0);
}
