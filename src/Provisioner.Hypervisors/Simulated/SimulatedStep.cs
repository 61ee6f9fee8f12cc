namespace Provisioner.Hypervisors.Simulated;

/// <summary>The moments at which something can go wrong: the verbs of a hypervisor, and the steps of a guest's life.</summary>
public enum SimulatedStep
{
    Check,
    Inspect,
    List,
    Clone,
    Start,
    Save,
    Label,
    Configure,
    Stop,
    Remove,
    ReadConsole,

    /// <summary>The guest boots and is about to report that it is ready.</summary>
    GuestReady,

    /// <summary>The guest has its configuration and is about to say so.</summary>
    GuestConfiguring,

    /// <summary>The guest is about to report that its runner is online.</summary>
    GuestOnline,

    /// <summary>The guest is about to report that its runner has taken a job.</summary>
    GuestBusy,

    /// <summary>The guest is about to report that its runner has ended.</summary>
    GuestDone,

    /// <summary>The guest has been asked to power off.</summary>
    GuestStop,
}
