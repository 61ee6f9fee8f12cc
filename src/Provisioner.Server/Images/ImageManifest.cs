using Provisioner.Server.Images.Building;

namespace Provisioner.Server.Images;

/// <summary>What is known of one version of an image that was built here: <c>image.json</c> beside its disk.</summary>
internal sealed record ImageManifest
{
    /// <summary>When it was built, as <c>20261126T083000Z</c>: the name of its folder, in the order of time.</summary>
    public required string Version { get; init; }

    public required DateTimeOffset Built { get; init; }

    /// <summary>What clones are made of. QEMU: a file of the same folder. VirtualBox: UUID of a machine.</summary>
    public required string Source { get; init; }

    /// <summary>VirtualBox: the machine's snapshot.</summary>
    public string? Snapshot { get; init; }

    /// <summary>SHA-256 of the disk that it was built from, in hexadecimal.</summary>
    public required string BaseSha256 { get; init; }

    /// <summary>The operating system, in its own words. Text from a guest.</summary>
    public string? System { get; init; }

    /// <summary>Version of the runner that is in it; null if neither recipe nor guest told.</summary>
    public string? RunnerVersion { get; init; }

    /// <summary>When that runner was released: GitHub refuses runners that are older than about 30 days.</summary>
    public DateTimeOffset? RunnerReleased { get; init; }

    /// <summary>Whether its guests look for a seed before they start: not in what was built before there were seeds.</summary>
    public bool KnowsSeeds { get; init; }

    /// <summary>What it was built by: refreshing it is building it again by this.</summary>
    public required ImageRecipe Recipe { get; init; }
}
