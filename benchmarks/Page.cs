using System.Text;

namespace Provisioner.Benchmarks;

/// <summary>Writes the figures into docs/reference/performance.md, between two marks; what stands around them is written by people.</summary>
internal static class Page
{
    private const string Begin = "<!-- measured: written by ./benchmarks/run -->";
    private const string End = "<!-- end of measured -->";

    public static void Write(string file, string machine, string calls, Report report)
    {
        var page = File.ReadAllText(file);
        var (from, to) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        var text = new StringBuilder()
            .AppendLine(Begin).AppendLine().AppendLine(machine)
            .AppendLine($"- The server's calls for one VM, and so the bare sequence: {calls}")
            .AppendLine($"- The run took {report.Took.TotalMinutes:0} minutes").AppendLine()
            .AppendLine("| what | figure | against | goal | met |")
            .AppendLine("| --- | --- | --- | --- | --- |");
        foreach (var part in report.Rows.GroupBy(row => row.Part))
        {
            text.AppendLine($"| **{part.Key}** | | | | |");
            foreach (var row in part)
            {
                text.AppendLine($"| {row.What} | {row.Figure} | {row.Against} | {row.Goal} | {row.Met switch { true => "yes", false => "**no**", null => "" }} |");
            }
        }

        foreach (var failure in report.Failures)
        {
            text.AppendLine().AppendLine($"Not measured: {failure.Split('\n')[0]}");
        }

        File.WriteAllText(file, page[..from] + text.AppendLine() + page[to..]);
    }
}
