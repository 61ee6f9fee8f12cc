namespace Provisioner.Hypervisors;

/// <summary>A machine that is to have a smaller disk than its image. The caller of the machine asked for that, or the profile of its hardware says it.</summary>
internal static class TooSmall
{
    public static HypervisorException Of(VmSpecification specification, long least) => new(
        HypervisorFault.ImageUnusable,
        $"The disk of the image '{specification.Image.Source}' has {least} MiB, and {specification.Id} is to have {specification.Hardware?.DiskMegabytes}. " +
        $"Ask for {least} or more in the request or in its hardware profile, wherever the size was said, or for none.");
}
