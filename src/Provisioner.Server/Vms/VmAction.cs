namespace Provisioner.Server.Vms;

/// <summary>The next thing to do for a VM. Each can be repeated without harm.</summary>
internal enum VmAction
{
    None,

    /// <summary>Clone the image.</summary>
    Clone,

    /// <summary>Start the machine.</summary>
    Start,

    /// <summary>Save the state of a machine that waits for nobody in particular, and switch it off.</summary>
    Save,

    /// <summary>Register a runner and hand it to the waiting guest.</summary>
    Register,

    /// <summary>It has powered off by itself: want it gone.</summary>
    Retire,

    /// <summary>Its guest gave up, or the machine cannot be used any more: say why, and want it gone.</summary>
    Fail,

    /// <summary>Remove the registration at GitHub.</summary>
    Unregister,

    /// <summary>Remove machine and disks.</summary>
    Remove,

    /// <summary>No machine is there: make sure that nothing is left of one, and close the record.</summary>
    Close,
}
