using Provisioner.Server.Images.Building;

namespace Provisioner.Server.Images;

/// <summary>Which runner was the newest when it was last asked for, as <see cref="KeptRunner"/> keeps it.</summary>
internal sealed record RunnerNote
{
    /// <summary>Who was asked (<c>runner.releases</c>).</summary>
    public required string Releases { get; init; }

    public required RunnerSource Runner { get; init; }
}
