using Provisioner.Server.Configuration;

namespace Provisioner.Server.Placement;

/// <summary>What a VM takes of its host.</summary>
internal static class Needs
{
    /// <summary>Of a VM for which neither the request nor the image says: only the base itself knows its size.</summary>
    public const int DefaultCpus = 1;

    /// <summary>In MiB.</summary>
    public const int DefaultMemory = 1024;

    /// <param name="image">Null if it is no longer in the configuration.</param>
    /// <param name="cpus">What was asked for.</param>
    /// <param name="memory">What was asked for, in MiB.</param>
    public static Resources Of(ImageOptions? image, int? cpus, int? memory)
    {
        var known = image ?? new ImageOptions();
        return new Resources
        {
            Count = 1,
            Cpus = cpus ?? known.Cpus ?? DefaultCpus,
            Memory = memory ?? known.Memory ?? DefaultMemory,
            Disk = known.Disk,
            Devices = [.. known.Devices.Order(StringComparer.Ordinal)],
        };
    }
}
