using System.Text;

namespace Provisioner.Client.Text;

/// <summary>Rows in columns that are as wide as their widest cell.</summary>
internal static class Table
{
    private const string Gap = "  ";

    public static string Of(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        IReadOnlyList<string>[] all = [head, .. rows.Select(row => row.Select(Untrusted.Line).ToArray())];
        int[] widths = [.. head.Select((_, column) => all.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (var row in all)
        {
            text.Append(string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}
