using System.Diagnostics.Metrics;

namespace Provisioner.Server.Observability;

/// <summary>What the server counts as it happens. Labels come from the configuration, the policy and this code, never from callers: their number is bounded.</summary>
internal static class ServerMeter
{
    public const string Name = "Provisioner.Server";

    private static readonly Meter Meter = new(Name);

    /// <summary>How long each step of a VM took.</summary>
    public static Histogram<double> Phases { get; } = Meter.CreateHistogram<double>("vbdp.vm.phase.duration", "s", "How long VMs took for each phase of their life");

    /// <summary>VMs that are gone, by what became of them.</summary>
    public static Counter<long> Ended { get; } = Meter.CreateCounter<long>("vbdp.vm.ended", description: "VMs that are gone: done, deleted, or the problem code of their failure");

    public static Counter<long> Operations { get; } = Meter.CreateCounter<long>("vbdp.vm.operations", description: "What the server did for VMs, and how it ended");

    public static Counter<long> SignIns { get; } = Meter.CreateCounter<long>("vbdp.sign.ins", description: "Requests by credential, and whether it let them in");

    public static Counter<long> Denials { get; } = Meter.CreateCounter<long>("vbdp.policy.denials", description: "Requests that the policy denied, by the nearest rule");

    public static Counter<long> Sweeps { get; } = Meter.CreateCounter<long>("vbdp.orphans.removed", description: "Machines with our mark that no VM was known for, and that were removed");
}
