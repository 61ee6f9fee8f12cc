namespace Provisioner.Hypervisors;

/// <summary>The kinds of failure that callers tell apart.</summary>
public enum HypervisorFault
{
    /// <summary>The hypervisor's program is not installed or cannot be run.</summary>
    ProgramMissing,

    /// <summary>The hypervisor did not answer before the deadline.</summary>
    TimedOut,

    /// <summary>The base image does not exist or cannot be used.</summary>
    ImageUnusable,

    /// <summary>The base image has no snapshot, or not the one that was asked for.</summary>
    SnapshotMissing,

    /// <summary>Too little disk space is left for another machine.</summary>
    DiskFull,

    /// <summary>The machine could not be started.</summary>
    CannotStart,

    /// <summary>A device that the machine is to have is not there.</summary>
    DeviceAbsent,

    /// <summary>There is no such machine of ours, or it is not in the state that the call needs.</summary>
    NotFound,

    /// <summary>Anything else; the message holds what the hypervisor said.</summary>
    Failed,
}
