namespace Provisioner.Server.Placement;

/// <summary>What would give one that waits its place, in words. Pure; it goes by the same order as <see cref="Resources.Lack"/>.</summary>
internal static class Relief
{
    public const string OfDraining = "An operator lets the host take VMs again: virtualbox-client resume.";

    public const string OfTurn = "Those before it get their place, or leave the queue.";

    public const string OfWarm = "A machine that is being booted or removed already.";

    public static string Of(Resources needs, Resources free, Resources all) => needs switch
    {
        _ when Lacks(needs.Count, free.Count) => "A VM of this host ends; or its operator raises vms.maxRunning.",
        _ when Lacks(needs.Cpus, free.Cpus) => $"VMs end that hold {Missing(needs.Cpus, free.Cpus)} CPUs together; or it asks for fewer; or the operator raises capacity.cpus.",
        _ when Lacks(needs.Memory, free.Memory) => $"VMs end that hold {Missing(needs.Memory, free.Memory)} MiB of memory together; or it asks for less; or the operator raises capacity.memory.",
        _ when Lacks(needs.Disk, free.Disk) => $"VMs end that hold {Missing(needs.Disk, free.Disk)} MiB of disk together; or it asks for less; or the operator makes room, and raises capacity.disk.",
        _ when needs.Devices.Except(free.Devices).FirstOrDefault() is { } device => all.Absent.Contains(device)
            ? $"The device {device} comes back to the host: virtualbox-server hardware list says where it is."
            : $"The VM that holds {device} ends.",
        _ => OfTurn,
    };

    private static bool Lacks(long needed, long free) => needed > 0 && needed > free;

    private static long Missing(long needed, long free) => needed - Math.Max(0, free);
}
