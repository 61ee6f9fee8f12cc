using System.Text.RegularExpressions;

namespace Provisioner.EndToEndTests;

/// <summary>Compares what a page shows with what a program prints, when numbers, ids and times are others each time.</summary>
internal static partial class LooseText
{
    /// <summary>The first line of the page that the program does not print, in this order; null when it prints them all. <c>…</c> stands for anything.</summary>
    public static string? Missing(IEnumerable<string> shown, string printed)
    {
        var lines = printed.Split('\n').Select(Plain).ToList();
        var next = 0;
        foreach (var line in shown.Where(line => line.Trim() is not ("…" or "")))
        {
            var pattern = $"^{Regex.Escape(Plain(line)).Replace("…", ".*", StringComparison.Ordinal)}$";
            var found = lines.FindIndex(next, candidate => Regex.IsMatch(candidate, pattern, RegexOptions.None, TimeSpan.FromSeconds(5)));
            if (found < 0)
            {
                return line;
            }

            next = found + 1;
        }

        return null;
    }

    private static string Plain(string line) => Spaces().Replace(Changing().Replace(line, "0"), " ").Trim();

    // Numbers, and what looks like an id or a fingerprint.
    [GeneratedRegex("\\b(?=[0-9a-fA-F]*[0-9])[0-9a-fA-F]{6,}\\b|[0-9]+")]
    private static partial Regex Changing();

    [GeneratedRegex("\\s+")]
    private static partial Regex Spaces();
}
