namespace Provisioner.Hypervisors;

/// <summary>How far a guest has come, in the order in which a good life passes through them.</summary>
public enum GuestPhase
{
    /// <summary>Booted, and waiting for its configuration.</summary>
    Ready,

    /// <summary>Has read its configuration and is starting the runner.</summary>
    Configuring,

    /// <summary>The runner is connected and waits for its job.</summary>
    Online,

    /// <summary>The runner has taken its job.</summary>
    Busy,

    /// <summary>The runner has ended; the guest is about to power off.</summary>
    Done,

    /// <summary>The guest gave up; the report's detail says why.</summary>
    Failed,
}
