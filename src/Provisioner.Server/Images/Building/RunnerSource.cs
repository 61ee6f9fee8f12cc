namespace Provisioner.Server.Images.Building;

/// <summary>Where the runner's tarball comes from.</summary>
internal sealed record RunnerSource : SourceFile
{
    /// <summary>Its version, such as <c>2.336.0</c>. Without file and URL the release of this version is taken; the newest one when absent.</summary>
    public string? Version { get; init; }

    /// <summary>When it was released, for a file or URL: GitHub refuses runners that are older than about 30 days.</summary>
    public DateTimeOffset? Released { get; init; }
}
