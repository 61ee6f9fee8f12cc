using Microsoft.Extensions.Time.Testing;

namespace Provisioner.Tests.GitHub;

/// <summary>A fake clock on which short pauses pass at once and are counted; deadlines and long waits stand until advanced.</summary>
internal sealed class HurriedTime : FakeTimeProvider
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    public HurriedTime() => SetUtcNow(TimeProvider.System.GetUtcNow());

    public List<TimeSpan> Pauses { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && dueTime <= LongestPause)
        {
            lock (Pauses)
            {
                Pauses.Add(dueTime);
            }
            ThreadPool.QueueUserWorkItem(_ => Advance(dueTime));
        }
        return timer;
    }
}
