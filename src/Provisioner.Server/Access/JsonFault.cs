using System.Text.Json;

namespace Provisioner.Server.Access;

/// <summary>Why a text is not JSON that we take, and where; of a key that stands twice the place is not known.</summary>
internal static class JsonFault
{
    /// <summary>The parser looks into a text only when it is read: bytes or escapes that are no characters are met there, as another exception.</summary>
    public static bool Is(Exception problem) => problem is JsonException or InvalidOperationException;

    public static string Describe(Exception fault)
    {
        if (fault is not JsonException problem)
        {
            return "this is not JSON that can be taken. Some text in it is not Unicode; save the file as UTF-8.";
        }

        var place = problem.LineNumber is null ? "" : $"line {problem.LineNumber + 1}, column {problem.BytePositionInLine + 1}: ";
        return $"{place}this is not JSON that can be taken. {ClaimText.Show(problem.Message)}";
    }
}
