namespace Provisioner.Hypervisors;

/// <summary>Everything about a machine that is known before it boots. Nothing in it is secret.</summary>
public sealed record VmSpecification
{
    public required VmId Id { get; init; }

    public required BaseImage Image { get; init; }

    /// <summary>Number of virtual CPUs; the image's own number when absent.</summary>
    public int? Cpus { get; init; }

    /// <summary>Memory in MiB; the image's own size when absent.</summary>
    public int? MemoryMegabytes { get; init; }

    /// <summary>Size of the disk in MiB, where it is to be larger than the image's. QEMU only.</summary>
    public int? DiskMegabytes { get; init; }

    /// <summary>Full path of a disk image that the guest can read and not write, such as a NoCloud seed (ISO 9660). QEMU only.</summary>
    public string? SeedDisk { get; init; }

    /// <summary>A disk of its own that tells its guest how to begin; null for none.</summary>
    public VmSeed? Seed { get; init; }

    /// <summary>What else it has; null for the image's and the driver's defaults.</summary>
    public VmHardware? Hardware { get; init; }

    /// <summary>The VM's id, readable in the guest as <c>label</c>: the name of the Go version. The runner's labels come with its registration.</summary>
    public required string Label { get; init; }

    /// <summary>The repository's owner, readable in the guest as <c>owner</c>; empty while nobody has asked for the VM.</summary>
    public required string Owner { get; init; }

    /// <summary>The repository's name without its owner, readable in the guest as <c>repo</c>; empty while nobody has asked for the VM.</summary>
    public required string Repository { get; init; }

    internal GuestLabels Labels => new(Label, Owner, Repository);
}
