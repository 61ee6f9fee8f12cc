namespace Provisioner.Server.Vms;

/// <summary>Why no VM can be added now.</summary>
internal enum NoRoom
{
    /// <summary>As many wait for their place on the host as may.</summary>
    QueueFull,

    /// <summary>As many of the repository live as the caller's rule allows.</summary>
    RuleUsedUp,
}
