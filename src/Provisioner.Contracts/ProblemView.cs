using System.Text.Json.Serialization;

namespace Provisioner.Contracts;

/// <summary>An error, as RFC 9457 <c>application/problem+json</c>.</summary>
public sealed record ProblemView
{
    /// <summary>URI of the page that explains <see cref="Code"/>.</summary>
    public string? Type { get; init; }

    /// <summary>What kind of problem it is, the same for each occurrence.</summary>
    public string? Title { get; init; }

    public int Status { get; init; }

    /// <summary>One sentence of cause.</summary>
    public string? Detail { get; init; }

    /// <summary>One of <see cref="ProblemCode"/>: stable, for programs.</summary>
    public string? Code { get; init; }

    /// <summary>One sentence: what to do about it.</summary>
    public string? Remedy { get; init; }

    /// <summary>All errors of the request by field, where it was invalid.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}
