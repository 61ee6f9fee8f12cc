namespace Provisioner.Server.Vms;

/// <summary>What is: the hypervisor's word, read together with how far we know the VM has come.</summary>
internal enum Seen
{
    /// <summary>The hypervisor has no such machine, and it was never started.</summary>
    Absent,

    /// <summary>Cloned, and never started.</summary>
    Fresh,

    /// <summary>Runs; its guest has not reported yet.</summary>
    Booting,

    /// <summary>Its guest waits for the configuration.</summary>
    Waiting,

    /// <summary>The same, and nobody has asked for it yet: there is no repository to register a runner in.</summary>
    Warm,

    /// <summary>The same, and its state is to be saved, or is being saved.</summary>
    Saving,

    /// <summary>Nobody has asked for it yet, and it is off, with its state on the disk.</summary>
    Saved,

    /// <summary>Has been given its configuration.</summary>
    Working,

    /// <summary>Its guest reported that it failed.</summary>
    GaveUp,

    /// <summary>Was started, and has powered off.</summary>
    Ended,

    /// <summary>Was started, and the hypervisor has it no more.</summary>
    Lost,

    /// <summary>The hypervisor cannot use it.</summary>
    Broken,
}
