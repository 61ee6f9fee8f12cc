using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Placement;

namespace Provisioner.Server.Vms;

/// <summary>The rows of warm VMs: how one begins, and what becomes of a request's row that takes one over. Pure.</summary>
internal sealed partial record Vm
{
    /// <summary>One of which nothing is known but the image, and the hardware that it has of itself: what a request without wishes comes to.</summary>
    public static Vm OfNobody(string image, string? hardware) => new()
    {
        Id = default,
        Key = "",
        Caller = "",
        Repository = default,
        Image = image,
        Hardware = hardware,
        Labels = [],
        CreatedAt = default,
        ExpiresAt = default,
    };

    /// <summary>A new warm one, which has its place on the host already.</summary>
    public static Vm MakeWarm(VmId id, WarmGoal goal, string host, TimeSpan maxAge, DateTimeOffset now) => OfNobody(goal.Image, goal.Hardware) with
    {
        Id = id,
        Host = host,
        Warm = goal.Recipe,
        Saves = goal.Saves,
        Reserved = goal.Needs,
        Reason = $"Is made to wait, {(goal.Saves ? "saved" : "warm")}, for whoever asks for the image {goal.Image}.",
        CreatedAt = now,
        PlacedAt = now,
        ExpiresAt = now + maxAge,
    };

    /// <summary>A request gets its place, and a machine that waits: it goes on as one whose guest has just booted, or that has yet to be started.</summary>
    /// <param name="warm">Whose machine it takes.</param>
    /// <param name="holds">What it holds of the host from now on.</param>
    /// <param name="now">The time.</param>
    public Vm TookOver(Vm warm, Resources holds, DateTimeOffset now) => warm.SavedAt is not null ? TookSaved(warm, holds, now) : this with
    {
        TookMachine = warm.Id,
        Reserved = holds,
        PlacedAt = now,
        ClonedAt = warm.ClonedAt,
        StartedAt = warm.StartedAt,
        Guest = warm.Guest,
        ReadyAt = now,
        Phase = VmPhase.Registering,
        Reason = $"Took over a warm VM of the image {Image}, whose guest waits for its registration since {warm.ReadyAt:u}.",
    };

    private Vm TookSaved(Vm warm, Resources holds, DateTimeOffset now) => this with
    {
        TookMachine = warm.Id,
        Reserved = holds,
        PlacedAt = now,
        ClonedAt = warm.ClonedAt,
        SavedAt = warm.SavedAt,
        Phase = VmPhase.Booting,
        Reason = $"Took over a saved VM of the image {Image}, which is off since {warm.SavedAt:u} and goes on now.",
    };

    /// <summary>A warm one that is not given to anybody until its state is saved.</summary>
    public Vm Saving(DateTimeOffset now) => this with { SavingAt = now, Reason = "Its state is saved, and the machine switched off." };

    /// <summary>Off, with its state on the disk.</summary>
    public Vm Saved(DateTimeOffset now) => this is not { Wanted: Wanted.Present, Warm: not null, Guest: GuestPhase.Ready } ? this
        : this with { SavedAt = now, Reserved = Reserved?.AtRest(), Reason = $"Waits, saved, for whoever asks for the image {Image}." };

    /// <summary>A warm one that is to go, which is no failure.</summary>
    public Vm Cooled(string reason) => Wanted == Wanted.Gone ? this : this with { Wanted = Wanted.Gone, Phase = VmPhase.Deleting, Reason = reason };
}
