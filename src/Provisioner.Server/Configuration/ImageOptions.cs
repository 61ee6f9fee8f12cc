namespace Provisioner.Server.Configuration;

/// <summary>One image that can be asked for.</summary>
internal sealed record ImageOptions
{
    /// <summary>VirtualBox: name or UUID of the prepared machine. QEMU: path of its disk image.</summary>
    public string Source { get; set; } = "";

    /// <summary>VirtualBox: name or UUID of the snapshot to clone from; the current one when absent.</summary>
    public string? Snapshot { get; set; }

    /// <summary>Virtual CPUs of a VM that does not ask for its own number.</summary>
    public int? Cpus { get; set; }

    /// <summary>The same for memory, in MiB.</summary>
    public int? Memory { get; set; }

    /// <summary>What a VM's disk is expected to grow to, in MiB: it holds only what differs from the image.</summary>
    public int? Disk { get; set; }

    /// <summary>How many VMs of this image are kept booted and waiting for somebody to ask.</summary>
    public int Warm { get; set; }

    /// <summary>How many are kept switched off with the state of a booted guest on the disk, from which they go on.</summary>
    public int Saved { get; set; }

    /// <summary>Devices that each VM of this image holds; each must stand in <c>capacity.devices</c>.</summary>
    public List<string> Devices { get; set; } = [];

    /// <summary>The profile of <c>hardware</c> of a VM that does not ask for one.</summary>
    public string? Hardware { get; set; }

    /// <summary>What its clones get at boot that the image may lack.</summary>
    public ImageSeed Seed { get; set; }

    /// <summary>Further options of <c>setup.sh</c>, where the seed has it run in the clones.</summary>
    public List<string> Setup { get; set; } = [];
}
