using System.Globalization;
using System.Text;

namespace Provisioner.Client.Text;

/// <summary>
/// Text of guests, servers and images is data: it must not move a terminal's cursor, forge a line of a log or be taken for a
/// workflow command. What could do so is shown as its code instead.
/// </summary>
internal static class Untrusted
{
    private const int LongestLine = 2000;

    public static string Line(string? text)
    {
        var shown = new StringBuilder();
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            if (shown.Length > LongestLine)
            {
                shown.Append(" …");
                break;
            }

            Append(shown, rune);
        }

        // The runner reads the old form of its commands, ##[name]…, anywhere in a line, and the new one at its beginning, spaces or not.
        var line = shown.Replace("##[", "# #[").ToString();
        var start = line.Length - line.TrimStart().Length;
        return line.AsSpan(start).StartsWith("::") ? line.Insert(start + 1, " ") : line;
    }

    public static IEnumerable<string> Lines(string? text) => (text ?? "").ReplaceLineEndings("\n").Trim('\n').Split('\n').Select(Line);

    private static void Append(StringBuilder shown, Rune rune)
    {
        if (rune.Value == '\t')
        {
            shown.Append("    ");
        }
        else if (rune.Value is '\r' or '\n' || IsInvisible(rune))
        {
            shown.Append(rune.Value <= 0xFF ? $"\\x{rune.Value:x2}" : $"\\u{rune.Value:x4}");
        }
        else
        {
            shown.Append(rune.ToString());
        }
    }

    // Format covers the marks that turn the writing direction round.
    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse;
}
