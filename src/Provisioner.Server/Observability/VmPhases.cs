using Provisioner.Server.Vms;

namespace Provisioner.Server.Observability;

/// <summary>Measures the steps of VMs from what their rows remember.</summary>
internal static class VmPhases
{
    /// <summary>Counts what one change of a row has brought to an end.</summary>
    public static void Note(Vm before, Vm after)
    {
        foreach (var (phase, time) in Between(before, after))
        {
            ServerMeter.Phases.Record(time.TotalSeconds, new("phase", phase), new("image", after.Image));
        }

        if (before.GoneAt is null && after is { GoneAt: not null, Warm: null })
        {
            ServerMeter.Ended.Add(1, new("image", after.Image), new("outcome", after.Failure?.Code ?? (after.DoneAt is null ? "deleted" : "done")));
        }
    }

    /// <summary>The steps that ended with this change. What a warm VM did before it was taken is its own, not that of who took it. Pure.</summary>
    public static IEnumerable<(string Phase, TimeSpan Time)> Between(Vm before, Vm after)
    {
        (string Phase, DateTimeOffset? Start, DateTimeOffset? End, DateTimeOffset? EndBefore)[] steps =
        [
            ("queue", after.Warm is null ? after.CreatedAt : null, after.PlacedAt is null ? null : after.ClonedAt, before.ClonedAt),
            ("clone", after.SavedAt is null ? after.ClonedAt : null, after.StartedAt, before.StartedAt),
            ("boot", after.StartedAt, after.ReadyAt, before.ReadyAt),
            ("register", after.ReadyAt > after.CreatedAt ? after.ReadyAt : after.CreatedAt, after.OnlineAt, before.OnlineAt),
            ("wait", after.OnlineAt, after.BusyAt, before.BusyAt),
            ("job", after.BusyAt, after.DoneAt, before.DoneAt),
        ];
        return steps.Where(step => step is { Start: not null, End: not null, EndBefore: null } && step.End >= step.Start && before.TookMachine == after.TookMachine)
            .Select(step => (step.Phase, step.End!.Value - step.Start!.Value));
    }
}
