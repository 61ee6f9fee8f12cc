namespace Provisioner.Server.Configuration;

/// <summary>How long and how many: the limits of VMs on this host. Times are written <c>hh:mm:ss</c>.</summary>
internal sealed record VmOptions
{
    /// <summary>How many VMs may exist at once; further ones wait in the queue.</summary>
    public int MaxRunning { get; set; } = 4;

    /// <summary>How many VMs may wait for their place; who comes then is refused.</summary>
    public int MaxQueued { get; set; } = 100;

    /// <summary>How long a VM waits for its place.</summary>
    public TimeSpan QueueTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How many machines are cloned, started or removed at the same time.</summary>
    public int MaxActions { get; set; } = 8;

    /// <summary>Virtual CPUs that a caller may ask for.</summary>
    public int MaxCpus { get; set; } = Math.Max(1, Environment.ProcessorCount);

    /// <summary>Memory that a caller may ask for, in MiB.</summary>
    public int MaxMemory { get; set; } = 16 * 1024;

    /// <summary>Size of a disk that a caller may ask for, in MiB.</summary>
    public int MaxDisk { get; set; } = 64 * 1024;

    /// <summary>Life of a VM whose caller did not say.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromHours(2);

    /// <summary>Longest life that a caller may ask for.</summary>
    public TimeSpan MaxLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>From start to the guest's first report.</summary>
    public TimeSpan BootTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>From the guest's first report to a runner that is online.</summary>
    public TimeSpan RegistrationTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long an online runner waits for its job.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a warm VM waits for somebody to ask, at most; then a fresh one takes its place.</summary>
    public TimeSpan WarmMaxAge { get; set; } = TimeSpan.FromHours(6);

    /// <summary>How long the guest of a VM that is to be saved runs on when it is ready: until then it reads what its runner needs.</summary>
    public TimeSpan SaveAfter { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a working guest that is to stop may take to power off by itself.</summary>
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often everything is looked at even if nothing was reported.</summary>
    public TimeSpan ReviewPeriod { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the record of a VM that is gone is kept.</summary>
    public TimeSpan History { get; set; } = TimeSpan.FromDays(7);
}
