namespace Provisioner.Hypervisors;

/// <summary>Whether clones can be made of an image now.</summary>
/// <param name="Problem">Why not, naming cause and remedy; null when the image is usable.</param>
/// <param name="Fault">What kind of problem it is; null when the image is usable.</param>
public sealed record ImageHealth(string? Problem = null, HypervisorFault? Fault = null)
{
    /// <summary>Size of its disk in MiB; null where that is not known.</summary>
    public long? DiskMegabytes { get; init; }

    public bool IsUsable => Problem is null;
}
