using Microsoft.Extensions.Time.Testing;

namespace Provisioner.Tests.Server;

/// <summary>The clocks of a host: time passes for both, and the wall clock can be set besides.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private readonly FakeTimeProvider _monotonic = new(Rows.Noon);
    private TaskCompletionSource _waits = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan[] _awaited = [];
    private long _ahead;

    public override long TimestampFrequency => _monotonic.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _monotonic.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ahead));

    public override long GetTimestamp() => _monotonic.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = _monotonic.CreateTimer(callback, state, dueTime, period);
        if (_awaited.Contains(dueTime))
        {
            _waits.TrySetResult();
        }

        return timer;
    }

    public void Set(TimeSpan by) => Interlocked.Add(ref _ahead, by.Ticks);

    public void Pass(TimeSpan time) => _monotonic.Advance(time);

    /// <summary>Lets a time pass, until somebody waits for as long again: what happens once in that time has happened.</summary>
    /// <param name="period">How much passes.</param>
    /// <param name="orFor">Other times that somebody may wait for instead.</param>
    public async Task PassAsync(TimeSpan period, params TimeSpan[] orFor)
    {
        (_awaited, _waits) = ([period, .. orFor], new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        _monotonic.Advance(period);
        await _waits.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Lets time pass, review by review, until the server has seen to it; only the test's own limit ends it otherwise.</summary>
    public async Task PassUntilAsync(TimeSpan review, Func<bool> done, params TimeSpan[] orFor)
    {
        while (!done())
        {
            await PassAsync(review, orFor);
        }
    }
}
