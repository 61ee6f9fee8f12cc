namespace Provisioner.Server.Vms;

/// <summary>When a failed action may be tried again: after 2 s, then twice as long each time, at most 5 minutes. Whatever the wall clock says.</summary>
internal sealed record Backoff(int Failures, long Since, TimeSpan Wait)
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    public static Backoff None { get; } = new(0, 0, TimeSpan.Zero);

    public bool IsOver(TimeProvider time) => time.GetElapsedTime(Since) >= Wait;

    /// <param name="time">Tells the moment of the failure.</param>
    /// <param name="atLeast">What the other side asked for, such as GitHub's Retry-After.</param>
    public Backoff Next(TimeProvider time, TimeSpan? atLeast)
    {
        var own = First * Math.Pow(2, Math.Min(Failures, 10));
        var wait = own < Longest ? own : Longest;
        return new Backoff(Failures + 1, time.GetTimestamp(), atLeast > wait ? atLeast.Value : wait);
    }
}
