using System.Text;
using System.Text.Json;
using Provisioner.Server.Access;
using Provisioner.Server.Doctor;

namespace Provisioner.Server.Commands;

/// <summary>What was found, for people and for programs. Some of it was said by guests and by GitHub: nothing of it may move a terminal's cursor or forge a line.</summary>
internal static class DoctorReport
{
    private const int Longest = 600;

    public static IEnumerable<string> Lines(Finding finding)
    {
        yield return $"{finding.Verdict.ToString().ToUpperInvariant(),-5} {finding.Check,-14} {ClaimText.ShowUpTo(Longest, finding.Detail)}";
        if (finding.Remedy is { } remedy)
        {
            yield return $"      {"",-14} → {ClaimText.ShowUpTo(Longest, remedy)}{(finding.Page is { } page ? $" ({page})" : "")}";
        }
    }

    public static string Sum(IReadOnlyList<Finding> all)
    {
        var (failed, warned) = (all.Count(finding => finding.Verdict == Verdict.Fail), all.Count(finding => finding.Verdict == Verdict.Warn));
        return $"{all.Count} looked at: {failed} failed, {warned} to be warned of, {all.Count - failed - warned} good.";
    }

    public static string Json(IReadOnlyList<Finding> all)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteBoolean("ok", all.All(finding => finding.Verdict != Verdict.Fail));
            json.WriteStartArray("findings");
            foreach (var finding in all)
            {
                json.WriteStartObject();
                json.WriteString("check", finding.Check);
                json.WriteString("verdict", finding.Verdict.ToString().ToLowerInvariant());
                json.WriteString("detail", finding.Detail);
                json.WriteString("remedy", finding.Remedy);
                json.WriteString("page", finding.Page);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.ToArray());
    }
}
