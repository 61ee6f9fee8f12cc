using Provisioner.Hypervisors;

namespace Provisioner.CrashMatrix;

/// <summary>A crash point, and what leads to it.</summary>
internal sealed record Point(string Name, Way Way, bool IsInDrivers = false)
{
    public static IReadOnlyList<Point> All { get; } =
    [
        new(CrashPoint.RowUncommitted, Way.Up),
        new(CrashPoint.RowWritten, Way.Up),
        new(CrashPoint.CloneIntended, Way.Up),
        new(CrashPoint.InsideClone, Way.Up, IsInDrivers: true),
        new(CrashPoint.Cloned, Way.Up),
        new(CrashPoint.StartIntended, Way.Up),
        new(CrashPoint.Started, Way.Up),
        new(CrashPoint.ReadyTaken, Way.Up),
        new(CrashPoint.RegistrationIntended, Way.Up),
        new(CrashPoint.Registered, Way.Up),
        new(CrashPoint.RegistrationWritten, Way.Up),
        new(CrashPoint.Configured, Way.Up),
        new(CrashPoint.ConfiguredWritten, Way.Up),
        new(CrashPoint.BusyTaken, Way.Job),
        new(CrashPoint.Retiring, Way.Job),
        new(CrashPoint.DeleteWritten, Way.Delete),
        new(CrashPoint.Unregistering, Way.Down),
        new(CrashPoint.Unregistered, Way.Down),
        new(CrashPoint.Removing, Way.Down),
        new(CrashPoint.InsideRemoval, Way.Down, IsInDrivers: true),
        new(CrashPoint.Removed, Way.Down),
        new(CrashPoint.Closing, Way.Down),
        new(CrashPoint.Closed, Way.Down),
        new(CrashPoint.Sweeping, Way.Sweep),
        new(CrashPoint.Swept, Way.Sweep),
        new(CrashPoint.WarmMade, Way.Warm),
        new(CrashPoint.WarmTaking, Way.Warm),
        new(CrashPoint.WarmTaken, Way.Warm),
        new(CrashPoint.Labelled, Way.Warm),
        new(CrashPoint.SavingIntended, Way.Saved),
        new(CrashPoint.InsideSaving, Way.Saved, IsInDrivers: true),
        new(CrashPoint.StateSaved, Way.Saved),
    ];
}
