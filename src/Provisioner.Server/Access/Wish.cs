namespace Provisioner.Server.Access;

/// <summary>What a caller asks for, as far as a grant limits it.</summary>
internal sealed record Wish(string Image)
{
    /// <summary>Exclusive devices that a VM of the image holds.</summary>
    public IReadOnlyList<string> Hardware { get; init; } = [];

    /// <summary>The image's number where the request has none.</summary>
    public int? Cpus { get; init; }

    /// <summary>The same for memory, in MiB.</summary>
    public int? Memory { get; init; }

    public TimeSpan? Lifetime { get; init; }

    /// <summary>Labels beyond the server's own, and the VM's id.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}
