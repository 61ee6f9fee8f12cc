using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Hears all guests at a bounded cost (ADR 10). A few that are on their way to their job have a place, where each word is heard at
/// once. All others are asked in turn: often while they are on their way, seldom when they have their job, once more when they
/// have powered off.
/// </summary>
internal sealed partial class GuestWatch(PhaseWatch phases, PhaseReports reports, TimeProvider time, ILogger logger)
{
    public const int Places = 8;

    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly Dictionary<VmId, Guest> guests = [];
    private readonly Wake wake = new(time);
    private long askedOften;
    private long askedSeldom;

    /// <summary>A machine runs from now on.</summary>
    public void Join(VmId id)
    {
        Locked(() => guests[id] = new Guest(id));
        wake.Tell();
    }

    /// <summary>A machine has stopped, and may have had a last word.</summary>
    public async Task LeaveAsync(VmId id)
    {
        if (Locked(() => guests.GetValueOrDefault(id)) is { } guest)
        {
            Locked(() => guest.HasLeft = true);
            await guest.StopListeningAsync();
            wake.Tell();
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (Next() is { } next)
            {
                await AskAsync(next, cancellationToken);
            }
            else
            {
                await wake.PauseAsync(Pause(), cancellationToken);
            }
        }

        await Task.WhenAll(Locked(() => guests.Values.ToList()).Select(guest => guest.StopListeningAsync()));
    }

    // Gives free places away, and finds whose turn it is of those that have none.
    private Guest? Next() => Locked(() =>
    {
        var free = Places - guests.Values.Count(guest => guest.HasPlace);
        // The further one is, the shorter may be what it says.
        foreach (var guest in guests.Values.Where(IsOnItsWay).OrderByDescending(guest => reports.LastPhase(guest.Id)).Take(free).ToList())
        {
            guest.Listen(token => ListenAsync(guest, token)).ContinueWith(_ => wake.Tell(), TaskScheduler.Default);
        }

        return guests.Values.Where(IsDue).MinBy(guest => guest.AskedAt);
    });

    private bool IsOnItsWay(Guest guest) => guest is { HasPlace: false, HasLeft: false } && reports.IsOnItsWay(guest.Id);

    private bool IsDue(Guest guest) => guest switch
    {
        { HasPlace: true } => false,
        { HasLeft: true } or { AskedAt: 0 } => true,
        _ when reports.IsOnItsWay(guest.Id) => time.GetElapsedTime(askedOften) >= Often,
        _ => reports.LastPhase(guest.Id) == GuestPhase.Busy && time.GetElapsedTime(askedSeldom) >= Seldom,
    };

    private TimeSpan Pause() => Locked(() => guests.Values.Any(IsOnItsWay) ? Often : guests.Count > 0 ? Seldom : Timeout.InfiniteTimeSpan);

    private async Task ListenAsync(Guest guest, CancellationToken cancellationToken)
    {
        await phases.RunAsync(guest.Id, cancellationToken);
        Locked(() => guest.AskedAt = time.GetTimestamp());
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop's edge: a guest that nobody hears any more would never be given its job.")]
    private async Task AskAsync(Guest guest, CancellationToken cancellationToken)
    {
        try
        {
            if (!guest.HasLeft || reports.MayHaveMore(guest.Id))
            {
                await reports.ReadAsync(guest.Id, () => false, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            LogNotAsked(e, guest.Id);
            await Task.Delay(AfterFailure, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Locked(() => Asked(guest));
    }

    private bool Asked(Guest guest)
    {
        guest.AskedAt = time.GetTimestamp();
        (askedOften, askedSeldom) = reports.IsOnItsWay(guest.Id) ? (guest.AskedAt, askedSeldom) : (askedOften, guest.AskedAt);
        if (guest.HasLeft && guests.GetValueOrDefault(guest.Id) == guest)
        {
            reports.Forget(guest.Id);
            guests.Remove(guest.Id);
        }

        return guest.HasLeft;
    }

    private T Locked<T>(Func<T> work)
    {
        lock (gate)
        {
            return work();
        }
    }

    private sealed class Guest(VmId id)
    {
        private Task listening = Task.CompletedTask;

        public VmId Id { get; } = id;

        public bool HasLeft { get; set; }

        /// <summary>Zero when it has never been asked.</summary>
        public long AskedAt { get; set; }

        public bool HasPlace => !listening.IsCompleted;

        // Not disposed of: it holds nothing.
        private CancellationTokenSource Ending { get; } = new();

        public Task Listen(Func<CancellationToken, Task> listen) => listening = Task.Run(() => listen(Ending.Token));

        public async Task StopListeningAsync()
        {
            await Ending.CancelAsync();
            await listening;
        }
    }

    [LoggerMessage(LogLevel.Warning, "Guest {Id} could not be asked how far it is; it is tried again")]
    private partial void LogNotAsked(Exception exception, VmId id);
}
