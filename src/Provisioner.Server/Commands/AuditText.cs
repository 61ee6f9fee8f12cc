using System.Globalization;
using System.Text;
using System.Text.Json;
using Provisioner.Server.Access;
using Provisioner.Server.Audit;

namespace Provisioner.Server.Commands;

/// <summary>The audit log for people and for programs. Much in it was chosen by callers: nothing of it may move a terminal's cursor or forge a line.</summary>
internal static class AuditText
{
    private const int Longest = 600;

    public static string Line(AuditRow row) =>
        $"{row.Sequence.ToString(CultureInfo.InvariantCulture),6}  {row.At:u}  {Show(row.Action),-15} {Show(row.Outcome),-15} {Show(row.Actor)}{Part(" on", row.Target)}{Part(" for", row.Repository)}" +
        $"{(row.Run is { } run ? $" in run {run}" : "")}{(row.Count > 1 ? $", {row.Count} times" : "")}{Part(":", row.Detail)}";

    public static string Json(AuditRow row)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteNumber("sequence", row.Sequence);
            json.WriteString("at", row.At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("actor", row.Actor);
            json.WriteString("action", row.Action);
            json.WriteString("target", row.Target);
            json.WriteString("repository", row.Repository);
            if (row.Run is { } run)
            {
                json.WriteNumber("run", run);
            }

            json.WriteString("outcome", row.Outcome);
            json.WriteString("detail", row.Detail);
            json.WriteNumber("count", row.Count);
            json.WriteString("hash", Convert.ToHexStringLower(row.Hash));
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(text.ToArray());
    }

    public static string Describe(AuditVerdict verdict, AuditMark? checkpoint) => verdict switch
    {
        { Fault: null } => $"Whole: {verdict.Last.Sequence} rows. {(checkpoint is null ? "Not held against a checkpoint" : $"The checkpoint {checkpoint.Sequence} fits")}. Now it is at {verdict.Last}",
        { Fault: AuditFault.Missing } when checkpoint?.Sequence >= verdict.Wrong =>
            $"Row {verdict.Wrong} is missing: the log was at {checkpoint.Sequence} once. {Before(verdict)}",
        { Fault: AuditFault.Missing } => $"Row {verdict.Wrong} is missing: later ones are there. {Before(verdict)}",
        { Fault: AuditFault.Altered } => $"Row {verdict.Wrong} was altered: its hash is not of what it says. {Before(verdict)}",
        { Fault: AuditFault.OutOfOrder } => $"Row {verdict.Wrong} is out of order: it was written at another place. {Before(verdict)}",
        _ => $"Row {verdict.Wrong} is not that of the checkpoint: it, or rows before it, were written anew, and all hashes with them.",
    };

    private static string Before(AuditVerdict verdict) => verdict.Last.Sequence == 0 ? "It is the first." : $"The rows before it, to {verdict.Last}, are whole.";

    private static string Part(string word, string text) => text.Length > 0 ? $"{word} {Show(text)}" : "";

    private static string Show(string text) => ClaimText.ShowUpTo(Longest, text);
}
