using System.Text.RegularExpressions;

namespace Provisioner.EndToEndTests;

/// <summary>
/// A fenced block on a page that is to be done: <c>sh</c>, which is typed as it stands; <c>console</c>, which shows commands behind <c>$</c> and what they
/// print; or the content of a file, when the comment above it says so.
/// </summary>
internal sealed partial record DocumentedBlock(int Line, bool IsConsole, IReadOnlyList<string> Text, string? NotRun, string? FileName)
{
    public static IEnumerable<DocumentedBlock> Of(string page)
    {
        var lines = page.Split('\n');
        for (var n = 0; n < lines.Length; n++)
        {
            if (Fence().Match(lines[n]) is { Success: true } fence)
            {
                var mark = Mark().Match(lines[..n].LastOrDefault(line => !string.IsNullOrWhiteSpace(line)) ?? "");
                var text = lines.Skip(n + 1).TakeWhile(line => !line.TrimStart().StartsWith("```", StringComparison.Ordinal)).ToList();
                var indent = fence.Groups["indent"].Length;
                n += text.Count + 1;
                if (mark.Groups["file"].Success || fence.Groups["kind"].Value is "sh" or "console")
                {
                    yield return new DocumentedBlock(
                        n - text.Count, fence.Groups["kind"].Value == "console", [.. text.Select(line => line.Length > indent ? line[indent..] : line.TrimStart())], Value(mark, "why"), Value(mark, "file"));
                }
            }
        }
    }

    /// <summary>Each command with what it is said to print, and its line on the page. Of an <c>sh</c> block all is one command.</summary>
    public IEnumerable<(int Line, string Command, IReadOnlyList<string> Prints)> Commands()
    {
        if (!IsConsole)
        {
            var text = string.Join('\n', Text);
            yield return (Line, FileName is null ? text : $"cat >'{FileName}' <<'END OF FILE'\n{text}\nEND OF FILE", []);
            yield break;
        }

        for (var n = 0; n < Text.Count; n++)
        {
            var first = n;
            var command = Text[n].StartsWith("$ ", StringComparison.Ordinal) ? Text[n][2..] : throw new FormatException($"line {Line + 1 + n}: a block of console begins with a command behind '$ '");
            while (Text[n].EndsWith('\\'))
            {
                command += "\n" + Text[++n];
            }

            var prints = Text.Skip(n + 1).TakeWhile(line => !line.StartsWith("$ ", StringComparison.Ordinal)).ToList();
            n += prints.Count;
            yield return (Line + 1 + first, command, prints);
        }
    }

    private static string? Value(Match match, string name) => match.Groups[name] is { Success: true } group ? group.Value : null;

    [GeneratedRegex("^(?<indent> *)```(?<kind>[a-z]+)$")]
    private static partial Regex Fence();

    [GeneratedRegex("^ *<!-- (not run: (?<why>.+)|file: (?<file>\\S+)) -->$")]
    private static partial Regex Mark();
}
