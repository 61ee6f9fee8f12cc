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
        Reserved = goal.Needs,
        Reason = $"Is made to wait, warm, for whoever asks for the image {goal.Image}.",
        CreatedAt = now,
        PlacedAt = now,
        ExpiresAt = now + maxAge,
    };

    /// <summary>A request gets its place, and a machine that waits: it goes on as one whose guest has just booted.</summary>
    public Vm TookOver(Vm warm, DateTimeOffset now) => this with
    {
        TookMachine = warm.Id,
        Reserved = warm.Reserved,
        PlacedAt = now,
        ClonedAt = warm.ClonedAt,
        StartedAt = warm.StartedAt,
        Guest = warm.Guest,
        ReadyAt = now,
        Phase = VmPhase.Registering,
        Reason = $"Took over a warm VM of the image {Image}, whose guest waits for its registration since {warm.ReadyAt:u}.",
    };

    /// <summary>A warm one that is to go, which is no failure.</summary>
    public Vm Cooled(string reason) => Wanted == Wanted.Gone ? this : this with { Wanted = Wanted.Gone, Phase = VmPhase.Deleting, Reason = reason };
}
