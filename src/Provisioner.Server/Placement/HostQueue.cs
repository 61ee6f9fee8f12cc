using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Placement;

/// <summary>The room of this host, and those who wait for it.</summary>
internal sealed class HostQueue(PlacementTable table, ServerOptions options, TimeProvider time)
{
    /// <summary>Patience ends without anything being written.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private readonly Resources _all = HostCapacity.Of(options);
    private readonly Lock _gate = new();
    private (QueueMark Mark, long At)? _inVain;

    /// <summary>
    /// Gives places to those whose turn it is, and tells the others how long the queue is. Nothing is decided again where nobody came
    /// or went since nobody could be placed: the reconciler asks each time that anything happens to any VM.
    /// </summary>
    public Decision Place()
    {
        var (mark, now) = (table.Mark(), time.GetUtcNow());
        lock (_gate)
        {
            if (mark.Waiting == 0 || (_inVain is { } before && before.Mark == mark && time.GetElapsedTime(before.At) < LookAgain))
            {
                return Decision.Nothing;
            }
        }

        var decision = table.Place(NeedsOf, state => Placing.Decide(state, _all, now));
        lock (_gate)
        {
            _inVain = decision.Placed.Count == 0 ? (mark, time.GetTimestamp()) : null;
        }

        return decision;
    }

    /// <summary>Where each that waits stands now.</summary>
    public IReadOnlyDictionary<VmId, QueuePlace> Look() =>
        Placing.Decide(table.Read(NeedsOf), _all, time.GetUtcNow()).Waits.ToDictionary(place => place.Waiting.Id);

    /// <summary>What of such a VM could never have its place here, in words; empty when it can.</summary>
    public string Excess(string image, int? cpus, int? memory) => Excess(NeedsOf(image, cpus, memory));

    public string Excess(Resources needs) => string.Join(' ', needs.Excess(_all));

    private Resources NeedsOf(string image, int? cpus, int? memory) => Needs.Of(options.Images.GetValueOrDefault(image), cpus, memory, _all);
}
