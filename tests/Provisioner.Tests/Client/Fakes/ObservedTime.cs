using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Provisioner.Tests.Client.Fakes;

/// <summary>A clock that stands still until a test has seen that somebody waits on it.</summary>
internal sealed class ObservedTime() : FakeTimeProvider(TimeProvider.System.GetUtcNow())
{
    private readonly ConcurrentDictionary<TimeSpan, SemaphoreSlim> _timers = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Timers(dueTime).Release();
        return timer;
    }

    /// <summary>Waits for the next timer of that length, and lets the length pass.</summary>
    public async Task PassAsync(TimeSpan length)
    {
        await Timers(length).WaitAsync(TestContext.Current.CancellationToken);
        Advance(length);
    }

    private SemaphoreSlim Timers(TimeSpan dueTime) => _timers.GetOrAdd(dueTime, _ => new SemaphoreSlim(0));
}
