using System.Text.Json.Serialization;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>The arguments of the commands that have any: those about jobs, <c>snapshot-save</c> and <c>job-dismiss</c>.</summary>
internal sealed record QmpArguments
{
    /// <summary>Name of the job that a command begins.</summary>
    [JsonPropertyName("job-id")]
    public string? JobId { get; init; }

    /// <summary>Name of a job that there is.</summary>
    public string? Id { get; init; }

    /// <summary>Name of the snapshot.</summary>
    public string? Tag { get; init; }

    /// <summary>The disk that takes the state of memory and devices.</summary>
    public string? Vmstate { get; init; }

    /// <summary>The disks that the snapshot is of.</summary>
    public IReadOnlyList<string>? Devices { get; init; }
}
