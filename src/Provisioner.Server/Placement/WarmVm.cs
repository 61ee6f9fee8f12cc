using Provisioner.Hypervisors;

namespace Provisioner.Server.Placement;

/// <summary>A machine that was made before anybody asked for it.</summary>
internal sealed record WarmVm
{
    public required VmId Id { get; init; }

    public required string Image { get; init; }

    /// <summary>What it was made from.</summary>
    public required string Recipe { get; init; }

    /// <summary>What it holds of the host.</summary>
    public required Resources Holds { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>It is to wait switched off, with its state on the disk.</summary>
    public bool Saves { get; init; }

    /// <summary>It is off, and goes on when it is started.</summary>
    public bool IsSaved { get; init; }

    /// <summary>Its guest has booted and waits, running or saved.</summary>
    public bool IsReady { get; init; }

    /// <summary>Whether its machine was seen running just now, where it is to run: one that died while it waited is given to nobody.</summary>
    public bool IsOn { get; init; }

    /// <summary>It is to go, and holds its room until it is gone.</summary>
    public bool IsLeaving { get; init; }
}
