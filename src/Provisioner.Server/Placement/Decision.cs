namespace Provisioner.Server.Placement;

/// <summary>What came of looking at the queue.</summary>
/// <param name="Placed">Who gets its place now.</param>
/// <param name="Waits">Who goes on waiting, in the order of their turns.</param>
/// <param name="Impossible">Who needs more than the whole host has: it was changed since they were asked for.</param>
internal sealed record Decision(IReadOnlyList<Waiting> Placed, IReadOnlyList<QueuePlace> Waits, IReadOnlyList<Waiting> Impossible)
{
    public static Decision Nothing { get; } = new([], [], []);
}
