using Provisioner.Hypervisors;

namespace Provisioner.Server.Placement;

/// <summary>One VM in the queue.</summary>
internal sealed record Waiting
{
    public required VmId Id { get; init; }

    public required string Repository { get; init; }

    /// <summary>The image that it asked for, and what its machine would be made from; null where no machine waits that might do.</summary>
    public string? Image { get; init; }

    public string? Recipe { get; init; }

    public required DateTimeOffset Since { get; init; }

    public required Resources Needs { get; init; }

    /// <summary>Its place in the queue when it was last told; null before.</summary>
    public int? Told { get; init; }

    /// <summary>What it was told then.</summary>
    public string Reason { get; init; } = "";
}
