using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Store;

namespace Provisioner.Server.Api;

/// <summary>
/// Reads on through the events of all VMs that a grant covers. Several hosts number theirs from one sequence, and one may write its number
/// after another has written the next: so each look begins a little before the last one.
/// </summary>
internal sealed class EventReader(EventTable events, Grant grant, long after, bool follow)
{
    private const int Page = 1000;
    private const int Overlap = 100;

    private readonly HashSet<long> _read = [];
    private readonly long _after = after;

    /// <summary>The newest that was read.</summary>
    public long Reached { get; private set; } = after;

    /// <summary>Those that there are and were not read before. While the store fails there are none, if there will be a next look.</summary>
    public IEnumerable<VmEvent> Next()
    {
        IReadOnlyList<(VmEvent Change, GitHub.RepositoryName Repository)> page;
        do
        {
            page = TryRead();
            foreach (var (change, repository) in page.Where(one => _read.Add(one.Change.Sequence)))
            {
                Reached = Math.Max(Reached, change.Sequence);
                if (grant.Covers(repository))
                {
                    yield return change;
                }
            }

            _read.RemoveWhere(sequence => sequence <= Reached - Overlap);
        }
        while (page.Count == Page);
    }

    private IReadOnlyList<(VmEvent Change, GitHub.RepositoryName Repository)> TryRead()
    {
        try
        {
            return events.After(Math.Max(_after, Reached - Overlap), Page);
        }
        catch (StoreException) when (follow)
        {
            return [];
        }
    }
}
