using Provisioner.Hypervisors;

namespace Provisioner.Server.Placement;

/// <summary>What came of looking at the queue.</summary>
/// <param name="Placed">Who gets its place now.</param>
/// <param name="Waits">Who goes on waiting, in the order of their turns.</param>
/// <param name="Impossible">Who needs more than the whole host has: it was changed since they were asked for.</param>
internal sealed record Decision(IReadOnlyList<Waiting> Placed, IReadOnlyList<QueuePlace> Waits, IReadOnlyList<Waiting> Impossible)
{
    /// <summary>Who gets a machine that waits for somebody, instead of a place.</summary>
    public IReadOnlyList<(Waiting Waiting, WarmVm Vm)> Taken { get; init; } = [];

    /// <summary>Which warm VMs go, and why.</summary>
    public IReadOnlyList<(WarmVm Vm, string Reason)> Ended { get; init; } = [];

    /// <summary>Which warm VMs get a place, and what of.</summary>
    public IReadOnlyList<(VmId Id, WarmGoal Goal)> Made { get; init; } = [];

    /// <summary>Whether anything changes by it.</summary>
    public bool IsAny => Placed.Count + Taken.Count + Ended.Count + Made.Count > 0;

    public static Decision Nothing { get; } = new([], [], []);
}
