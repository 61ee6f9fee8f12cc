namespace Provisioner.Hypervisors.Simulated;

/// <summary>Something that is to go wrong, and when, and for whom.</summary>
public sealed record SimulatedFault
{
    public SimulatedStep Step { get; set; }

    public SimulatedFaultKind Kind { get; set; }

    /// <summary>What a failing verb says it is.</summary>
    public HypervisorFault Fault { get; set; } = HypervisorFault.Failed;

    /// <summary>What the exception says, or the guest's reason.</summary>
    public string Message { get; set; } = "It was asked to fail.";

    /// <summary>Only machines whose id begins with this; every one when empty.</summary>
    public string IdPrefix { get; set; } = "";

    /// <summary>How many times it happens; every time when absent.</summary>
    public int? Times { get; set; }

    internal bool Hits(SimulatedStep step, VmId? id) =>
        Step == step && (IdPrefix.Length == 0 || id?.Value.StartsWith(IdPrefix, StringComparison.Ordinal) == true);
}
