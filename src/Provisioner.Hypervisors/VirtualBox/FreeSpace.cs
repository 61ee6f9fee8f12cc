namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Looks for room before a change. On a full disk VirtualBox says success and leaves a settings file of 0 bytes behind, after
/// which the machine is inaccessible: the base machine, whose file is rewritten with each clone, just as well.
/// </summary>
internal static class FreeSpace
{
    /// <summary>What a removal needs: settings files are rewritten, nothing grows. A full disk must not keep itself full.</summary>
    public static long ForRemoval(VirtualBoxOptions options) => Math.Min(1024 * 1024, options.ReserveBytes);

    /// <exception cref="HypervisorException">One of the folders is on a disk with less room than that.</exception>
    public static void Require(long bytes, params IEnumerable<string> folders)
    {
        foreach (var folder in folders)
        {
            var free = Of(folder);
            if (free < bytes)
            {
                throw new HypervisorException(HypervisorFault.DiskFull,
                    $"The disk of {folder} has {Megabytes(free)} MiB left, and {Megabytes(bytes)} MiB must stay free. Make room, or lower the reserve.");
            }
        }
    }

    public static long Of(string folder)
    {
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing) && Path.GetDirectoryName(existing) is { } parent)
        {
            existing = parent;
        }

        return new DriveInfo(existing).AvailableFreeSpace;
    }

    private static long Megabytes(long bytes) => bytes / (1024 * 1024);
}
