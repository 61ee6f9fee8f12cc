namespace Provisioner.Contracts;

/// <summary>An image that can be asked for.</summary>
/// <param name="Alias">The name to ask by.</param>
/// <param name="Cpus">Virtual CPUs of a VM that does not ask for its own number; null when the base's own number is used.</param>
/// <param name="Memory">The same for memory, in MiB.</param>
/// <param name="Usable">Whether a VM can be cloned from it now.</param>
/// <param name="Problem">Why it cannot be used now; null when it can.</param>
public sealed record ImageView(string Alias, int? Cpus, int? Memory, bool Usable, string? Problem)
{
    /// <summary>Size in MiB of the disk of a VM that does not ask for its own; null where that is not known.</summary>
    public long? Disk { get; init; }

    /// <summary>The hardware profile of a VM that does not ask for one; null for none.</summary>
    public string? Hardware { get; init; }

    /// <summary>Which version of the image new VMs are made of, as <c>20261126T083000Z</c>; null where it was not built by the server.</summary>
    public string? Version { get; init; }

    /// <summary>Version of the runner in it; null where that is not known.</summary>
    public string? RunnerVersion { get; init; }

    /// <summary>Days since that runner was released, or since the image was built where that is not known; null where neither is.</summary>
    public int? RunnerAge { get; init; }

    /// <summary>How it stands with its warm VMs; null when none are kept.</summary>
    public WarmView? Warm { get; init; }

    /// <summary>The same, of those that wait switched off with their state on the disk; null when none are kept.</summary>
    public WarmView? Saved { get; init; }
}
