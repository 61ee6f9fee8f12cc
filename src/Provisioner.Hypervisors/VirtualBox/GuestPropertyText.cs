namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>What the <c>guestproperty</c> and <c>getextradata</c> commands print. Values are not escaped in any of it.</summary>
internal static class GuestPropertyText
{
    /// <summary>The value that <c>guestproperty get</c> or <c>getextradata</c> printed; null when there is none.</summary>
    public static string? ParseValue(string output) =>
        output.StartsWith("Value: ", StringComparison.Ordinal) ? output["Value: ".Length..].TrimEnd('\r', '\n') : null;

    /// <summary>The new value that <c>guestproperty wait</c> printed for this property; null when it printed something else.</summary>
    public static string? ParseChange(string output, string property)
    {
        var prefix = $"Name: {property}, value: ";
        var end = output.LastIndexOf(", flags:", StringComparison.Ordinal);
        return output.StartsWith(prefix, StringComparison.Ordinal) && end >= prefix.Length ? output[prefix.Length..end] : null;
    }

    /// <summary>The names that <c>guestproperty enumerate</c> printed, in the form of 6.1 or that of 7.x.</summary>
    public static IReadOnlyList<string> ParseNames(string output) => [.. PropertyNames.Read(output)];
}
