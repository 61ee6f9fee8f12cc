namespace Provisioner.Hypervisors;

/// <summary>Why a hypervisor has stopped the machine that an image is built in, which would stand still until its deadline.</summary>
internal static class StoppedBuild
{
    /// <summary>So little that a disk could not grow.</summary>
    private const int NoSpaceMegabytes = 16;

    public static HypervisorException In(string folder)
    {
        var free = new DriveInfo(folder).AvailableFreeSpace >> 20;
        return free < NoSpaceMegabytes
            ? new(HypervisorFault.DiskFull, $"The machine that builds was stopped, because the file system of {folder} is full. Free some space there, and build again.")
            : new(HypervisorFault.Failed, $"The hypervisor has stopped the machine that builds, though {free} MiB are free in {folder}. Look into the hypervisor's log, and build again.");
    }
}
