using System.Globalization;
using System.Text;

namespace Provisioner.Server.Access;

/// <summary>A claim's value for people to read. Authors of workflows choose names of branches and environments: these must not move a terminal's cursor or forge a line.</summary>
internal static class ClaimText
{
    private const int Longest = 200;

    public static string Show(string value) => ShowUpTo(Longest, value);

    public static string ShowUpTo(int longest, string value)
    {
        var shown = new StringBuilder();
        foreach (var rune in value.EnumerateRunes())
        {
            if (shown.Length >= longest)
            {
                return $"{shown}…";
            }

            shown.Append(IsInvisible(rune) ? $"\\u{rune.Value:x4}" : rune.ToString());
        }

        return shown.ToString();
    }

    // Format covers the marks that turn the writing direction round. What is no whole character becomes U+FFFD before it gets here.
    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
}
