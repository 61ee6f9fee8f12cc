namespace Provisioner.Server.Placement;

/// <summary>
/// Who gets its place now. Pure. Model: each in turn gets it if there is room. Who finds none may be overtaken by smaller ones, but
/// not for ever: when it has waited a minute, room is kept for it, so that what becomes free adds up. A later one of the same repository
/// overtakes it only where that costs it nothing, such as when it waits for a device.
/// </summary>
internal static class Placing
{
    /// <summary>For how long smaller ones may overtake.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private const string NotItsTurn = "the room that is free is kept for one whose turn is before it";

    /// <summary>What those wait for whose host is being drained.</summary>
    public const string Draining = "this host is being drained, and takes no new VM until it is resumed";

    public static Decision Decide(QueueState state, Resources all, DateTimeOffset now)
    {
        var possible = state with { Queue = [.. state.Queue.Where(waiting => waiting.Needs.Fits(all))] };
        var decision = state.IsDraining ? Rest(possible) : Give(possible, all, now);
        return decision with { Impossible = [.. state.Queue.Where(waiting => !waiting.Needs.Fits(all))] };
    }

    private static Decision Give(QueueState state, Resources all, DateTimeOffset now)
    {
        var free = all.Minus(state.Held).MinusDevices(all.Absent);
        var kept = new KeptRoom();
        var (placed, waits) = (new List<Waiting>(), new List<Waiting>());
        var warm = new WarmRound(state.Warm, state.Queue, all.Absent);
        foreach (var next in Turns.Order(state))
        {
            var room = free.Minus(kept.Before(next));
            if (warm.TryTake(next, room) is { } used)
            {
                free = free.Minus(used);
            }
            else if (next.Needs.Fits(room))
            {
                placed.Add(next);
                free = free.Minus(next.Needs);
            }
            else
            {
                waits.Add(next);
                if (warm.TryPromise(next))
                {
                    continue;
                }

                warm.MakeRoom(next, free, kept.Before(next));
                kept.Add(next, free, now - next.Since >= Patience);
            }
        }

        return new Decision(
            placed,
            [.. waits.Select((waiting, index) => warm.WordFor(waiting) is { } word
                ? new QueuePlace(waiting, index + 1, waits.Count, word) { Relief = Relief.OfWarm }
                : new QueuePlace(waiting, index + 1, waits.Count, waiting.Needs.Lack(free, all) ?? NotItsTurn) { Relief = Relief.Of(waiting.Needs, free, all) })],
            [])
        {
            Made = warm.Level(free, mayMake: waits.Count == 0 && warm.Taken.Count == 0 && !state.Warm.IsHurried, now),
            Taken = warm.Taken,
            Ended = warm.Ended,
        };
    }

    /// <summary>Nobody gets a place, and what waits for nobody in particular goes: the host is to be empty when its last job has ended.</summary>
    private static Decision Rest(QueueState state)
    {
        var turns = Turns.Order(state);
        return new Decision([], [.. turns.Select((waiting, index) => new QueuePlace(waiting, index + 1, turns.Count, Draining) { Relief = Relief.OfDraining })], [])
        {
            Ended = [.. state.Warm.Vms.Where(vm => !vm.IsLeaving).Select(vm => (vm, "The host is being drained."))],
        };
    }
}
