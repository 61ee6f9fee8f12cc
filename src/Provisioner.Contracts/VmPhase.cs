using System.Text.Json.Serialization;

namespace Provisioner.Contracts;

/// <summary>How far a VM has come. On the wire: the name in lower case.</summary>
[JsonConverter(typeof(LowerCaseWordConverter<VmPhase>))]
public enum VmPhase
{
    /// <summary>Written down; waits for the host to have room or to act.</summary>
    Queued,

    /// <summary>The disk is being cloned.</summary>
    Cloning,

    /// <summary>The machine starts and its guest boots.</summary>
    Booting,

    /// <summary>The guest waits; its single-use registration is being made and handed over.</summary>
    Registering,

    /// <summary>The runner is connected to GitHub and waits for its job.</summary>
    Online,

    /// <summary>The runner works on its job.</summary>
    Busy,

    /// <summary>The job has ended, the lifetime is over or somebody asked: registration, VM and disk are being removed.</summary>
    Deleting,

    /// <summary>Nothing is left. Final.</summary>
    Gone,
}
