namespace Provisioner.Hypervisors;

/// <summary>What an image is to be built of.</summary>
public sealed record ImageOrder
{
    /// <summary>Name and version of the image: two parts of file and machine names.</summary>
    public required string Name { get; init; }

    /// <inheritdoc cref="Name"/>
    public required string Version { get; init; }

    /// <summary>Full path of the disk that it begins as (qcow2, raw, VDI, VMDK, VHD, VHDX). It is only read.</summary>
    public required string Disk { get; init; }

    /// <summary>Full path of the seed that the machine can read while it is built (ISO 9660, NoCloud).</summary>
    public required string Seed { get; init; }

    /// <summary>Full path of the folder that the image is to lie in. Made, and removed again when the build fails.</summary>
    public required string Folder { get; init; }

    /// <summary>Size of the disk in MiB, where it is to be larger than the one that it begins as.</summary>
    public int? DiskMegabytes { get; init; }

    public required int Cpus { get; init; }

    /// <summary>Memory in MiB.</summary>
    public required int MemoryMegabytes { get; init; }

    /// <summary>How long each step may take that copies the disk.</summary>
    public required TimeSpan Deadline { get; init; }
}
