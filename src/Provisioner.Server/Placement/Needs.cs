using Provisioner.Server.Configuration;

namespace Provisioner.Server.Placement;

/// <summary>What a VM takes of its host.</summary>
internal static class Needs
{
    /// <summary>Of a VM for which neither the request nor the image says: only the base itself knows its size.</summary>
    public const int DefaultCpus = 1;

    /// <summary>In MiB.</summary>
    public const int DefaultMemory = 1024;

    /// <summary>In MiB. A disk holds only what differs from its base.</summary>
    public const int DefaultDisk = 4096;

    /// <summary>What nobody said is guessed, and a guess is never more than the host has: it must not refuse what may well work.</summary>
    /// <param name="image">Null if it is no longer in the configuration.</param>
    /// <param name="cpus">What was asked for.</param>
    /// <param name="memory">What was asked for, in MiB.</param>
    /// <param name="host">All that the host has.</param>
    /// <param name="profile">Its hardware; null for none.</param>
    /// <param name="disk">The size that was asked for, in MiB: all of it, for that is what the disk may grow to.</param>
    public static Resources Of(ImageOptions? image, int? cpus, int? memory, Resources host, HardwareOptions? profile = null, int? disk = null)
    {
        var known = image ?? new ImageOptions();
        return new Resources
        {
            Count = 1,
            Cpus = cpus ?? profile?.Cpus ?? known.Cpus ?? Math.Min(DefaultCpus, host.Cpus),
            Memory = memory ?? profile?.Memory ?? known.Memory ?? Math.Min(DefaultMemory, host.Memory),
            Disk = disk ?? profile?.Disk ?? known.Disk ?? Math.Min(DefaultDisk, host.Disk),
            Devices = [.. known.Devices.Union(profile?.ToHardware().Leases ?? []).Order(StringComparer.Ordinal)],
        };
    }
}
