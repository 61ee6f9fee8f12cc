namespace Provisioner.Hypervisors.Simulated;

public enum SimulatedFaultKind
{
    /// <summary>The verb fails and has done nothing. A guest reports failure and powers off.</summary>
    Fail,

    /// <summary>The verb does its work and fails all the same, as VBoxManage does when it stalls. Of a guest: as <see cref="Fail"/>.</summary>
    FailAfterwards,

    /// <summary>The verb does nothing until its deadline has passed. A guest runs on and is never heard of again.</summary>
    Hang,

    /// <summary>The verb never returns, and does not hear when it is cancelled. Of a guest: as <see cref="Hang"/>.</summary>
    Never,

    /// <summary>The machine loses its power. Of a verb that has no running machine: as <see cref="Fail"/>.</summary>
    Crash,
}
