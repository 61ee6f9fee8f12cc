using System.Text.RegularExpressions;

namespace Provisioner.Server.Vms;

/// <summary>The end of a guest's console as it may be shown to its owner: bounded, and without anything that looks like a registration.</summary>
internal static partial class ConsoleTail
{
    public const int MaxLength = 8 * 1024;

    public static string? Cut(string console)
    {
        var hidden = LongBase64().Replace(console, "***");
        var tail = hidden.Length > MaxLength ? hidden[^MaxLength..] : hidden;
        return tail.Trim() is { Length: > 0 } text ? text : null;
    }

    /// <summary>No line that a person reads holds 200 such characters without a break; an encoded registration holds thousands.</summary>
    [GeneratedRegex("[A-Za-z0-9+/=_-]{200,}")]
    private static partial Regex LongBase64();
}
