namespace Provisioner.Hypervisors.Simulated;

/// <summary>How long things take on the simulated host, and what goes wrong there.</summary>
public sealed class SimulatedOptions
{
    public const string Section = "Simulated";

    /// <summary>The images that there are; every name is an image when this is empty.</summary>
    public List<string> Images { get; set; } = [];

    /// <summary>Size of the disk of each image in MiB, below which none can be asked for; not known when absent.</summary>
    public int? ImageDisk { get; set; }

    public TimeSpan CloneTime { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>From the call until the machine runs.</summary>
    public TimeSpan StartTime { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>From the call until the machine's state is kept, and it is off.</summary>
    public TimeSpan SaveTime { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>From power-on until the guest reports that it is ready.</summary>
    public TimeSpan BootTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>From reading the configuration until the runner is online.</summary>
    public TimeSpan ConfigureTime { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long an online runner waits for its job.</summary>
    public TimeSpan IdleTime { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the job takes. Without it no job ever comes, and the guest stays online.</summary>
    public TimeSpan? JobTime { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long the guest needs to power off, of itself or when asked.</summary>
    public TimeSpan StopTime { get; set; } = TimeSpan.FromMilliseconds(500);

    public TimeSpan RemoveTime { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>After this long a hanging call fails with <see cref="HypervisorFault.TimedOut"/>.</summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Where machines are kept, so that they are there again after a restart; in memory only when absent.</summary>
    public string? Folder { get; set; }

    /// <summary>Where /sys and /dev of the simulated host are looked for; without it all devices are there.</summary>
    public string? HostFolder { get; set; }

    /// <summary>What goes wrong from the start on.</summary>
    public List<SimulatedFault> Faults { get; set; } = [];

    /// <summary>Everything happens at once. No job comes unless a <see cref="JobTime"/> is set.</summary>
    public static SimulatedOptions Instant => new()
    {
        CloneTime = TimeSpan.Zero,
        StartTime = TimeSpan.Zero,
        SaveTime = TimeSpan.Zero,
        BootTime = TimeSpan.Zero,
        ConfigureTime = TimeSpan.Zero,
        IdleTime = TimeSpan.Zero,
        JobTime = null,
        StopTime = TimeSpan.Zero,
        RemoveTime = TimeSpan.Zero,
    };
}
