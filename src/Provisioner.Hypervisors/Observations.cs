using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Provisioner.Hypervisors;

/// <summary>
/// What a driver has to tell, told to every watcher: each has a stream of its own, which begins with the last report of each
/// machine. Taking those and joining the stream is one step, so nothing is missed or told in the wrong order between the two.
/// </summary>
internal sealed class Observations
{
    private readonly Lock gate = new();
    private readonly Dictionary<VmId, GuestReport> lastReports = [];
    private readonly List<Channel<VmObservation>> watchers = [];

    /// <summary>Tells all watchers. They are never waited for, and nothing is dropped: a lost report is a machine that hangs.</summary>
    public void Publish(VmObservation observation)
    {
        lock (gate)
        {
            if (observation.Report is { } report)
            {
                lastReports[observation.Id] = report;
            }

            watchers.ForEach(watcher => watcher.Writer.TryWrite(observation));
        }
    }

    /// <summary>
    /// Tells all watchers of a report that is still news. Two who heard the same report at once pass it on once, and one who was held up passes on
    /// nothing that a later report has overtaken.
    /// </summary>
    public bool PublishNews(VmId id, GuestReport report)
    {
        lock (gate)
        {
            var isNews = IsNews(id, report);
            if (isNews)
            {
                Publish(new VmObservation(id, report));
            }

            return isNews;
        }
    }

    /// <summary>
    /// Whether a report says more than the machine's last one. Guests only go forward: one that repeats itself or goes back wants
    /// to keep us busy.
    /// </summary>
    public bool IsNews(VmId id, GuestReport report)
    {
        lock (gate)
        {
            return !lastReports.TryGetValue(id, out var last) || report.Phase > last.Phase;
        }
    }

    /// <summary>How far a machine's guest has come; null when it has not reported.</summary>
    public GuestPhase? LastPhase(VmId id)
    {
        lock (gate)
        {
            return lastReports.TryGetValue(id, out var last) ? last.Phase : null;
        }
    }

    /// <summary>Forgets the last report of a machine that is gone or starts anew.</summary>
    public void Forget(VmId id)
    {
        lock (gate)
        {
            lastReports.Remove(id);
        }
    }

    /// <summary>The stream of one watcher: fails when it cancels, ends when <paramref name="disposed"/> says that the driver is no more.</summary>
    public async IAsyncEnumerable<VmObservation> WatchAsync(
        CancellationToken disposed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var channel = Join();
        using var ending = disposed.Register(() => channel.Writer.TryComplete());
        try
        {
            await foreach (var observation in channel.Reader.ReadAllAsync(cancellationToken))
            {
                yield return observation;
            }
        }
        finally
        {
            Leave(channel);
        }
    }

    private Channel<VmObservation> Join()
    {
        var channel = Channel.CreateUnbounded<VmObservation>(new() { SingleReader = true });
        lock (gate)
        {
            foreach (var (id, report) in lastReports)
            {
                channel.Writer.TryWrite(new(id, report));
            }

            watchers.Add(channel);
        }

        return channel;
    }

    private void Leave(Channel<VmObservation> channel)
    {
        lock (gate)
        {
            watchers.Remove(channel);
        }
    }
}
