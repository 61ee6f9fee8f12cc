namespace Provisioner.Server.Vms;

/// <summary>The next thing to do for a VM. Each can be repeated without harm.</summary>
internal enum VmAction
{
    None,

    /// <summary>Clone the image.</summary>
    Clone,

    /// <summary>Start the machine.</summary>
    Start,

    /// <summary>Register a runner and hand it to the waiting guest.</summary>
    Register,

    /// <summary>It has come to its end by itself: want it gone.</summary>
    Retire,

    /// <summary>Remove the registration at GitHub.</summary>
    Unregister,

    /// <summary>Remove machine and disks.</summary>
    Remove,

    /// <summary>Nothing is left: close the record.</summary>
    Close,
}
