namespace Provisioner.Hypervisors.Qemu;

internal static class FullDisk
{
    private const int NoSpace = 28; // ENOSPC
    private const int NoQuota = 122; // EDQUOT

    public static bool IsCauseOf(IOException failure) => (failure.HResult & 0xFFFF) is NoSpace or NoQuota;

    public static HypervisorException At(string folder, Exception? inner = null) =>
        new(HypervisorFault.DiskFull, $"The file system of {folder} is full. Free some space there.", inner);

    /// <exception cref="HypervisorException">Less than <paramref name="megabytes"/> are free.</exception>
    public static void RequireFree(string folder, int megabytes)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace >> 20;
        if (free < megabytes)
        {
            throw new HypervisorException(HypervisorFault.DiskFull,
                $"Only {free} MiB are free in {folder}, and {megabytes} MiB must stay free. Free some space there.");
        }
    }
}
