using Provisioner.Server.Configuration;

namespace Provisioner.Server.Placement;

/// <summary>What this host has for VMs: what the configuration says, and what is measured where it says nothing.</summary>
internal static class HostCapacity
{
    /// <summary>A simulated VM takes nothing but its place.</summary>
    private const long Unlimited = 1L << 40;

    private const long Mebibyte = 1024 * 1024;

    /// <summary>VMs of one processor: jobs wait for networks and disks for much of their time.</summary>
    public const int CpusPerProcessor = 4;

    /// <summary>MiB that are left to the host itself, at most; of its memory it is an eighth.</summary>
    public const long Reserve = 2048;

    public static Resources Of(ServerOptions options)
    {
        var isReal = options.Hypervisor != HypervisorKind.Simulated;
        return new Resources
        {
            Count = options.Vms.MaxRunning,
            Cpus = options.Capacity.Cpus ?? (isReal ? Environment.ProcessorCount * CpusPerProcessor : Unlimited),
            Memory = options.Capacity.Memory ?? (isReal ? MeasureMemory() : Unlimited),
            Disk = options.Capacity.Disk ?? (isReal ? MeasureDisk(Folder(options)) : Unlimited),
            Devices = [.. options.Capacity.Devices.Union(options.Hardware.Values.SelectMany(profile => profile.ToHardware().Leases)).Order(StringComparer.Ordinal)],
        };
    }

    private static long MeasureMemory()
    {
        var total = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Mebibyte;
        return total - Math.Min(Reserve, total / 8);
    }

    private static long MeasureDisk(string folder)
    {
        return Math.Max(0, ((new DriveInfo(Existing(folder)).AvailableFreeSpace + Occupied(folder)) / Mebibyte) - Reserve);
    }

    /// <summary>The folder where the disks of VMs are, or the one in which it will be made.</summary>
    public static string ExistingFolder(ServerOptions options) => Existing(Folder(options));

    private static string Existing(string folder)
    {
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        return existing;
    }

    /// <summary>What machines of ours that stand at the start take already: their reservations count it, too.</summary>
    private static long Occupied(string folder)
    {
        var everything = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        return Directory.Exists(folder) ? new DirectoryInfo(folder).EnumerateFiles("*", everything).Sum(file => file.Length) : 0;
    }

    /// <summary>Where the disks of VMs are.</summary>
    public static string Folder(ServerOptions options) =>
        options.Hypervisor == HypervisorKind.Qemu ? options.Qemu.Folder : options.VirtualBox.MachineFolder;
}
