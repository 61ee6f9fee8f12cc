namespace Provisioner.Server.Vms;

/// <summary>
/// The time that the server lives by: the wall clock as it stood at the start, carried on by the monotonic clock. When the wall
/// clock is set, nothing here notices until the reconciler calls <see cref="Move"/>, in the same transaction that moves the
/// stored times: no deadline ever meets a time of before the jump with a clock of after it. A host that was suspended looks the
/// same: the time that it slept is not counted.
/// </summary>
internal sealed class SteadyClock(TimeProvider real) : TimeProvider
{
    /// <summary>Less than this is no jump, and is followed without a word: it changes no life noticeably.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    private readonly long _start = real.GetTimestamp();
    private long _ticksAtStart = real.GetUtcNow().UtcTicks;

    /// <summary>How far the wall clock is ahead of this one.</summary>
    public TimeSpan Deviation => real.GetUtcNow() - GetUtcNow();

    public override TimeZoneInfo LocalTimeZone => real.LocalTimeZone;

    public override long TimestampFrequency => real.TimestampFrequency;

    public void Move(TimeSpan by) => Interlocked.Add(ref _ticksAtStart, by.Ticks);

    public override DateTimeOffset GetUtcNow() =>
        new DateTimeOffset(Interlocked.Read(ref _ticksAtStart), TimeSpan.Zero) + real.GetElapsedTime(_start);

    public override long GetTimestamp() => real.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        real.CreateTimer(callback, state, dueTime, period);
}
