using System.Text.Json.Serialization;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>The content of <c>vm.json</c>: the specification, so that a restarted server can start the machine.</summary>
internal sealed record SavedMachine
{
    public const string OurMark = "virtualbox-provisioner/1";

    public required string Mark { get; init; }

    public required string Image { get; init; }

    public int? Cpus { get; init; }

    public int? MemoryMegabytes { get; init; }

    public string? SeedDisk { get; init; }

    /// <summary>Whether it has a seed of its own, beside its disk.</summary>
    public bool HasSeed { get; init; }

    public VmHardware? Hardware { get; init; }

    /// <summary>Name of the snapshot with which it goes on when it is started; null where it boots.</summary>
    public string? State { get; init; }

    public required string Label { get; init; }

    public required string Owner { get; init; }

    public required string Repository { get; init; }

    [JsonIgnore]
    public GuestLabels Labels => new(Label, Owner, Repository);

    public static SavedMachine From(VmSpecification specification) => new()
    {
        Mark = OurMark,
        Image = specification.Image.Source,
        Cpus = specification.Cpus,
        MemoryMegabytes = specification.MemoryMegabytes,
        SeedDisk = specification.SeedDisk,
        HasSeed = specification.Seed is not null,
        Hardware = specification.Hardware,
        Label = specification.Label,
        Owner = specification.Owner,
        Repository = specification.Repository,
    };
}
