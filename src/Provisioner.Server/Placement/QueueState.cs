namespace Provisioner.Server.Placement;

/// <summary>Everything that placing decides by.</summary>
/// <param name="Held">What the VMs that have their place hold together.</param>
/// <param name="Queue">Who waits, in any order.</param>
/// <param name="LastServed">When a VM of each repository was placed last, where that was after the oldest that waits was asked for.</param>
internal sealed record QueueState(Resources Held, IReadOnlyList<Waiting> Queue, IReadOnlyDictionary<string, DateTimeOffset> LastServed)
{
    /// <summary>Whether an operator drains the host: nobody gets a place.</summary>
    public bool IsDraining { get; init; }

    /// <summary>What is kept warm, and what should be.</summary>
    public WarmState Warm { get; init; } = WarmState.None;
}
