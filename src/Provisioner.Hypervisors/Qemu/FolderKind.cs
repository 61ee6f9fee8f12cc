namespace Provisioner.Hypervisors.Qemu;

internal enum FolderKind
{
    Missing,

    /// <summary>A machine of ours.</summary>
    Machine,

    /// <summary>A machine of ours whose file cannot be read any more.</summary>
    Broken,

    /// <summary>What a clone or a removal that was cut short has left.</summary>
    Leftover,

    /// <summary>Somebody else's. Never touched.</summary>
    Foreign,
}
