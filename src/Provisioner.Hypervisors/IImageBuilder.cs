namespace Provisioner.Hypervisors;

/// <summary>
/// Builds images on a hypervisor, one at a time: a machine begins as somebody's disk, boots with a seed, powers itself off, and becomes
/// what clones are made of. All verbs throw <see cref="HypervisorException"/> when the hypervisor cannot do what is asked.
/// </summary>
public interface IImageBuilder : IAsyncDisposable
{
    /// <summary>Makes the machine and starts it.</summary>
    Task StartAsync(ImageOrder order, CancellationToken cancellationToken);

    /// <summary>Whether the machine still runs.</summary>
    Task<bool> IsOnAsync(CancellationToken cancellationToken);

    /// <summary>The last that the machine wrote to its serial console, at most 64 KiB. Untrusted text.</summary>
    Task<string> ReadConsoleAsync(CancellationToken cancellationToken);

    /// <summary>Makes an image of the machine, which is off.</summary>
    Task<BaseImage> SealAsync(ImageOrder order, CancellationToken cancellationToken);

    /// <summary>Removes everything of builds that did not come to their end, also those of another process that was killed.</summary>
    Task CleanAsync(CancellationToken cancellationToken);

    /// <summary>Whether machines of ours stand on an image. When that cannot be told, it throws.</summary>
    Task<bool> IsInUseAsync(BaseImage image, CancellationToken cancellationToken);

    /// <summary>Removes an image that no machine stands on, with its folder.</summary>
    Task RemoveAsync(BaseImage image, string folder, CancellationToken cancellationToken);
}
