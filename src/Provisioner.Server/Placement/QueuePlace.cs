namespace Provisioner.Server.Placement;

/// <summary>Where a VM stands in the queue, and for what it waits.</summary>
/// <param name="Waiting">The VM.</param>
/// <param name="Position">1 is the next.</param>
/// <param name="Of">How many wait.</param>
/// <param name="Lack">For what, in words.</param>
internal sealed record QueuePlace(Waiting Waiting, int Position, int Of, string Lack)
{
    private const int Near = 10;

    /// <summary>What would give it its place, in words.</summary>
    public string Relief { get; init; } = "";

    public string Reason => $"Waits as number {Position} of {Of}: {Lack}.";

    /// <summary>
    /// Whether the VM is to be told. Near the front each change is told. Further back only a step to the next of 20, 50, 100, 200, 500, …
    /// is: a thousand that wait are not told a thousand times that one has gone.
    /// </summary>
    public bool IsNews =>
        Waiting.Told is not { } told || Step(told) != Step(Position)
        || (Position <= Near && !Waiting.Reason.EndsWith($": {Lack}.", StringComparison.Ordinal));

    private static long Step(long position)
    {
        if (position <= Near)
        {
            return position;
        }

        long step = Near;
        for (var factor = 0; step < position; factor++)
        {
            step = factor % 3 == 1 ? step / 2 * 5 : step * 2; // 10, 20, 50, 100, …
        }

        return step;
    }
}
