namespace Provisioner.Server.Vms;

/// <summary>What may stand at GitHub for a VM.</summary>
internal enum Registration
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One was asked for: it may exist, whether or not its id is known.</summary>
    Held,

    /// <summary>It could not be removed yet; the VM goes first, and removing is tried again later.</summary>
    Deferred,
}
