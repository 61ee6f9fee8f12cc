using System.Diagnostics.CodeAnalysis;

namespace Provisioner.Hypervisors;

/// <summary>
/// The name of a virtual machine and its runner: 1 to 63 lower-case letters, digits and dashes, not beginning with
/// a dash. Nothing in it can be an option, a path or a line break to a program that is given it.
/// </summary>
public readonly record struct VmId
{
    public const int MaxLength = 63;

    /// <summary>One sentence that tells a person what an id may look like.</summary>
    public const string Rule = "1 to 63 lower-case letters, digits and dashes, beginning with a letter or digit";

    private VmId(string value) => Value = value;

    public string Value { get; }

    public static bool TryParse([NotNullWhen(true)] string? text, out VmId id)
    {
        var valid = text is { Length: > 0 and <= MaxLength } && text[0] != '-' && text.All(IsAllowed);
        id = valid ? new VmId(text!) : default;
        return valid;
    }

    /// <summary>Parses an id that is known to be valid, such as one from the store.</summary>
    /// <exception cref="FormatException">The text is not an id.</exception>
    public static VmId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"A VM id is {Rule}.");

    public override string ToString() => Value;

    private static bool IsAllowed(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-';
}
