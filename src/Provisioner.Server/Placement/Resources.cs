namespace Provisioner.Server.Placement;

/// <summary>
/// An amount of what VMs share: their number, CPUs, memory and disk in MiB, and devices that only one VM can hold. What is free
/// may be below zero, where more is held than there is.
/// </summary>
internal sealed record Resources
{
    public static Resources None { get; } = new();

    public long Count { get; init; }

    public long Cpus { get; init; }

    public long Memory { get; init; }

    public long Disk { get; init; }

    public IReadOnlyList<string> Devices { get; init; } = [];

    /// <summary>Devices of a host that it has by its configuration, and that are not there now.</summary>
    public IReadOnlyList<string> Absent { get; init; } = [];

    public Resources Plus(Resources other) => new()
    {
        Count = Count + other.Count,
        Cpus = Cpus + other.Cpus,
        Memory = Memory + other.Memory,
        Disk = Disk + other.Disk,
        Devices = [.. Devices.Union(other.Devices)],
    };

    public Resources Minus(Resources other) => new()
    {
        Count = Count - other.Count,
        Cpus = Cpus - other.Cpus,
        Memory = Memory - other.Memory,
        Disk = Disk - other.Disk,
        Devices = [.. Devices.Except(other.Devices)],
    };

    /// <summary>What a VM takes whose state is to be saved: its memory comes to lie on the disk.</summary>
    public Resources WithState() => this with { Disk = Disk + Memory };

    /// <summary>What is left of it while the machine is off.</summary>
    public Resources AtRest() => new() { Disk = Disk };

    public Resources MinusDevices(IReadOnlyList<string> devices) => Minus(None with { Devices = devices });

    public bool Fits(Resources room) =>
        FitsIn(Count, room.Count) && FitsIn(Cpus, room.Cpus) && FitsIn(Memory, room.Memory) && FitsIn(Disk, room.Disk) && !Devices.Except(room.Devices).Any();

    /// <summary>What is lacking, in words that stay the same for as long as it is; null when it fits.</summary>
    public string? Lack(Resources free, Resources all)
    {
        if (!FitsIn(Count, free.Count))
        {
            return $"{all.Count - free.Count} of {all.Count} VMs of this host are in use";
        }

        if (!FitsIn(Cpus, free.Cpus))
        {
            return $"it needs {Cpus} of this host's {all.Cpus} CPUs, and fewer are free";
        }

        if (!FitsIn(Memory, free.Memory))
        {
            return $"it needs {Memory} of this host's {all.Memory} MiB of memory, and less is free";
        }

        return !FitsIn(Disk, free.Disk) ? $"it needs {Disk} of this host's {all.Disk} MiB of disk, and less is free"
            : Devices.Except(free.Devices).FirstOrDefault() is { } device ? $"the device {device} is {(all.Absent.Contains(device) ? "absent from this host" : "in use")}"
            : null;
    }

    /// <summary>What it needs that the whole host has not, each with the range that can be had.</summary>
    public IEnumerable<string> Excess(Resources all) =>
    [
        .. FitsIn(Cpus, all.Cpus) ? Array.Empty<string>() : [$"It needs {Cpus} CPUs; this host gives 1 to {all.Cpus}."],
        .. FitsIn(Memory, all.Memory) ? Array.Empty<string>() : [$"It needs {Memory} MiB of memory; this host gives 128 to {all.Memory}."],
        .. FitsIn(Disk, all.Disk) ? Array.Empty<string>() : [$"It needs {Disk} MiB of disk; this host gives at most {all.Disk}."],
        .. Devices.Except(all.Devices).Select(device => $"Its image needs the device {device}, which this host has not."),
    ];

    public bool Equals(Resources? other) => other is not null
        && (Count, Cpus, Memory, Disk) == (other.Count, other.Cpus, other.Memory, other.Disk) && Devices.SequenceEqual(other.Devices);

    public override int GetHashCode() => HashCode.Combine(Count, Cpus, Memory, Disk, Devices.Count);

    /// <summary>Who needs nothing of something does not mind that there is less than nothing.</summary>
    private static bool FitsIn(long needed, long room) => needed <= 0 || needed <= room;
}
