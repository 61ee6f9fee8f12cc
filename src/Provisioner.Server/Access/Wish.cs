namespace Provisioner.Server.Access;

/// <summary>What a caller asks for, as far as a grant limits it.</summary>
internal sealed record Wish(string Image)
{
    /// <summary>What a VM of the image has of itself: its exclusive devices, and its hardware profile where the request names none.</summary>
    public IReadOnlyList<string> Hardware { get; init; } = [];

    /// <summary>The hardware profile that the request names.</summary>
    public string? Profile { get; init; }

    /// <summary>The image's number where the request has none.</summary>
    public int? Cpus { get; init; }

    /// <summary>The same for memory, in MiB.</summary>
    public int? Memory { get; init; }

    /// <summary>Size of the disk in MiB, its hardware profile's where the request has none; null for the image's own.</summary>
    public int? Disk { get; init; }

    public TimeSpan? Lifetime { get; init; }

    /// <summary>Labels beyond the server's own, and the VM's id.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}
