namespace Provisioner.Hypervisors;

public enum VmPower
{
    /// <summary>Exists and does not run.</summary>
    Off,

    /// <summary>Runs, or is on its way up or down.</summary>
    On,

    /// <summary>Exists, but the hypervisor cannot use it (inaccessible settings, a process that hangs). It can only be removed.</summary>
    Broken,
}
