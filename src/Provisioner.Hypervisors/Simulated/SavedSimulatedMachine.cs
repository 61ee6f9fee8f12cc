namespace Provisioner.Hypervisors.Simulated;

/// <summary>The file of a machine: what it is, and how far its guest has come.</summary>
internal sealed record SavedSimulatedMachine
{
    public const string OurMark = "virtualbox-provisioner/1";

    /// <summary>A file without our mark is somebody else's machine.</summary>
    public string Mark { get; init; } = "";

    public string Image { get; init; } = "";

    public string Label { get; init; } = "";

    public string Owner { get; init; } = "";

    public string Repository { get; init; } = "";

    public int? Cpus { get; init; }

    public int? MemoryMegabytes { get; init; }

    public VmHardware? Hardware { get; init; }

    public bool Broken { get; init; }

    /// <summary>Whether its guest goes on where it was when it is switched on.</summary>
    public bool HasState { get; init; }

    /// <summary>How often it booted.</summary>
    public int Starts { get; init; }

    public bool IsOn { get; init; }

    /// <summary>Whether the guest was given its registration. What that was is not kept.</summary>
    public bool IsConfigured { get; init; }

    /// <summary>The guest's last report.</summary>
    public GuestReport? Report { get; init; }

    public static SavedSimulatedMachine From(SimulatedMachine machine) => new()
    {
        Mark = OurMark,
        Image = machine.Specification.Image.Source,
        Label = machine.Specification.Label,
        Owner = machine.Specification.Owner,
        Repository = machine.Specification.Repository,
        Cpus = machine.Specification.Cpus,
        MemoryMegabytes = machine.Specification.MemoryMegabytes,
        Hardware = machine.Specification.Hardware,
        Broken = machine.Broken,
        HasState = machine.HasState,
        Starts = machine.Starts,
        IsOn = machine.Guest is { IsOn: true },
        IsConfigured = machine.Guest is { IsConfigured: true },
        Report = machine.Guest?.LastReport,
    };

    public VmSpecification Specify(VmId id) => new()
    {
        Id = id,
        Image = new BaseImage(Image),
        Label = Label,
        Owner = Owner,
        Repository = Repository,
        Cpus = Cpus,
        MemoryMegabytes = MemoryMegabytes,
        Hardware = Hardware,
    };
}
