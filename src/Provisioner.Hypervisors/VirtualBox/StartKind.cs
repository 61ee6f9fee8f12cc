namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>How a machine came to run.</summary>
internal enum StartKind
{
    RanAlready,

    Booted,

    /// <summary>It goes on from its saved state.</summary>
    WentOn,
}
