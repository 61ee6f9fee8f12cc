using System.Text.Json;

namespace Provisioner.Server.Access;

/// <summary>Why a text is not JSON that we take, and where; of a key that stands twice the place is not known.</summary>
internal static class JsonFault
{
    public static string Describe(JsonException problem)
    {
        var place = problem.LineNumber is null ? "" : $"line {problem.LineNumber + 1}, column {problem.BytePositionInLine + 1}: ";
        return $"{place}this is not JSON that can be taken. {ClaimText.Show(problem.Message)}";
    }
}
