using System.Text.Json.Serialization;
using Provisioner.Contracts;

namespace Provisioner.Client.Commands;

/// <summary>Why a VM is in its state: what <c>explain</c> tells programs.</summary>
internal sealed record Explanation
{
    public required string Id { get; init; }

    public required VmPhase Phase { get; init; }

    /// <summary>What it waits for, since when, until when, and what troubles it.</summary>
    public required string Why { get; init; }

    /// <summary>Its place in the queue, what room it lacks there, and what would give it that.</summary>
    public int? Position { get; init; }

    public string? Lack { get; init; }

    public string? Relief { get; init; }

    /// <summary>When the server acts by itself next.</summary>
    public VmDeadline? Deadline { get; init; }

    public VmFailure? Failure { get; init; }

    /// <summary>The page that explains the code of the failure.</summary>
    public string? Page { get; init; }

    public static Explanation Of(VmView vm) => new()
    {
        Id = vm.Id,
        Phase = vm.Phase,
        Why = vm.Explanation ?? vm.Reason,
        Position = vm.Position,
        Lack = vm.Lack,
        Relief = vm.Relief,
        Deadline = vm.Deadline,
        Failure = vm.Failure,
        Page = vm.Failure is { } failure ? $"docs/reference/problem-codes.md#{failure.Code}" : null,
    };
}

[JsonSerializable(typeof(Explanation))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
internal sealed partial class ExplanationJson : JsonSerializerContext;
