using Provisioner.Server.Configuration;
using Provisioner.Server.Placement;

namespace Provisioner.Server.Vms;

/// <summary>Why a VM is in the state that it is in: what it waits for, since when, until when, and what troubles it. Pure.</summary>
internal static class VmExplanation
{
    /// <param name="vm">The row.</param>
    /// <param name="place">Where it stands in the queue; null if it does not wait there.</param>
    /// <param name="options">The limits of times.</param>
    public static string Of(Vm vm, QueuePlace? place, VmOptions options)
    {
        var state = vm switch
        {
            { GoneAt: { } gone } => $"Nothing of it is left since {At(gone)}.{Cause(vm)}",
            { Wanted: Wanted.Gone } => Leaving(vm),
            { IsQueued: true } => Queued(vm, place, options),
            _ => Present(vm, options),
        };
        return vm is { Trouble: { } trouble, Wanted: Wanted.Present } ? $"{state} Trouble: {trouble.Cause}" : state;
    }

    private static string Queued(Vm vm, QueuePlace? place, VmOptions options)
    {
        var end = Until(vm, vm.CreatedAt + options.QueueTimeout);
        return place is null
            ? $"Waits for its place on the host since {At(vm.CreatedAt)}, and gets it as soon as somebody looks."
            : $"Waits for its place on the host since {At(vm.CreatedAt)}, as number {place.Position} of {place.Of}: {place.Lack}. It is given up {end}.";
    }

    private static string Present(Vm vm, VmOptions options) => vm switch
    {
        { DoneAt: { } done } => $"Its job has ended at {At(done)}; it is removed when its guest has powered off.",
        { BusyAt: { } busy } => $"Works on its job since {At(busy)}. It is removed after it, or {Until(vm)}.",
        { OnlineAt: { } online } => $"Its runner is online since {At(online)} and waits for a job. Without one it is removed {Until(vm, online + options.IdleTimeout)}.",
        { ReadyAt: { } ready, TookMachine: not null } => $"It took over a warm VM at {At(ready)}, which is to bring its runner online. Else it is given up {Until(vm, ready + options.RegistrationTimeout)}.",
        { ReadyAt: { } ready } => $"Its guest has booted at {At(ready)} and is to bring its runner online. Else it is given up {Until(vm, ready + options.RegistrationTimeout)}.",
        { StartedAt: { } started } => $"It boots since {At(started)}. If its guest does not report, it is given up {Until(vm, started + options.BootTimeout)}.",
        { SavedAt: { } saved } => $"It took over a VM that is off since {At(saved)}, with its state saved, and is about to go on. It is removed {Until(vm)}.",
        { ClonedAt: { } cloned, Trouble: not null } => $"The image {vm.Image} cannot be cloned since {At(cloned)}. If that does not pass, it is given up {Until(vm, cloned + options.RegistrationTimeout)}.",
        { ClonedAt: { } cloned } => $"The image {vm.Image} is being cloned since {At(cloned)}. It is removed {Until(vm)}.",
        _ => $"Has its place on the host{(vm.PlacedAt is { } placed ? $" since {At(placed)}" : "")}, and is about to be cloned. It is removed {Until(vm)}.",
    };

    private static string Leaving(Vm vm)
    {
        var why = vm.Failure is { } failure && failure.Cause != vm.Reason ? $"{failure.Cause} {vm.Reason}" : vm.Reason;
        var machine = vm.ReleasedAt is { } released ? $" Its machine is gone since {At(released)}."
            : vm.PlacedAt is null ? "" : " Its machine is being removed.";
        return $"It is to go: {why}{machine}{(vm.Registration == Registration.None ? "" : " Its registration at GitHub is still to be removed.")}";
    }

    private static string Cause(Vm vm) => vm.Failure is { } failure ? $" It failed: {failure.Cause}" : "";

    private static string Until(Vm vm, DateTimeOffset? before = null) =>
        before < vm.ExpiresAt ? $"at {At(before.Value)}" : $"at {At(vm.ExpiresAt)}, when its lifetime is over";

    private static string At(DateTimeOffset time) => $"{time:u}";
}
