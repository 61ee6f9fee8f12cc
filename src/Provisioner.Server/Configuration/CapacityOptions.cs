namespace Provisioner.Server.Configuration;

/// <summary>What this host has for VMs. What is absent is measured when the server starts.</summary>
internal sealed record CapacityOptions
{
    /// <summary>Virtual CPUs of all VMs together; four times the host's processors when absent.</summary>
    public int? Cpus { get; set; }

    /// <summary>Memory of all VMs together, in MiB; that of the host but for an eighth (at most 2048) when absent.</summary>
    public int? Memory { get; set; }

    /// <summary>What the disks of all VMs together may grow to, in MiB; what is free but for 2048 when absent.</summary>
    public int? Disk { get; set; }

    /// <summary>Names of devices that one VM at a time can hold, such as a GPU.</summary>
    public List<string> Devices { get; set; } = [];
}
