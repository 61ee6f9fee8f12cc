using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Placement;

/// <summary>The room of this host, and those who wait for it.</summary>
internal sealed class HostQueue(PlacementTable table, ServerOptions options, TimeProvider time)
{
    private readonly Resources _all = HostCapacity.Of(options);

    /// <summary>Gives places to those whose turn it is, and tells the others how long the queue is.</summary>
    public Decision Place() => table.Place(NeedsOf, state => Placing.Decide(state, _all, time.GetUtcNow()));

    /// <summary>Where each that waits stands now.</summary>
    public IReadOnlyDictionary<VmId, QueuePlace> Look() =>
        Placing.Decide(table.Read(NeedsOf), _all, time.GetUtcNow()).Waits.ToDictionary(place => place.Waiting.Id);

    /// <summary>What of such a VM could never have its place here, in words; empty when it can.</summary>
    public string Excess(string image, int? cpus, int? memory) => Excess(NeedsOf(image, cpus, memory));

    public string Excess(Resources needs) => string.Join(' ', needs.Excess(_all));

    private Resources NeedsOf(string image, int? cpus, int? memory) => Needs.Of(options.Images.GetValueOrDefault(image), cpus, memory);
}
