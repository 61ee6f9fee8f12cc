using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Provisioner.GitHub;

/// <summary>
/// Remembers until when GitHub told us to stay away, so that no further call is made before: those who go on calling get banned.
/// GitHub counts per account and, on top of that, registrations apart from everything else (the budget's name says both).
/// Its limit of 900 points a minute is not told by any header, so we count ourselves, and stop short of it.
/// </summary>
internal sealed class RateLimits(TimeProvider time)
{
    public const int PointsPerMinute = 800;

    private const int DeferrablePointsPerMinute = PointsPerMinute / 4;

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FirstPenalty = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestPenalty = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, Closure> closures = new();
    private readonly ConcurrentDictionary<string, Spending> spendings = new();

    /// <summary>Counts a call that is about to be made; or says how long it has to wait, and why.</summary>
    public (TimeSpan Wait, string Why)? Take(RestCall call)
    {
        if (closures.TryGetValue(call.Budget, out var closure) && Left(closure.Since, closure.Wait) is { } told)
        {
            return (told, "told earlier");
        }
        var spending = spendings.GetOrAdd(call.Budget, _ => new Spending());
        lock (spending)
        {
            if (call.Deferrable && spending.LowUntil is { } low && Left(low.Since, low.Wait) is { } reset)
            {
                return (reset, "the rest of the hour's calls is kept for registrations and removals");
            }
            if (spending.Began is not { } began || Left(began, Minute) is not { } rest)
            {
                (spending.Began, spending.Points, rest) = (time.GetTimestamp(), 0, Minute);
            }
            if (spending.Points + call.Points > (call.Deferrable ? DeferrablePointsPerMinute : PointsPerMinute))
            {
                return (rest, "our own pace, below GitHub's limit of 900 points a minute");
            }
            spending.Points += call.Points;
            return null;
        }
    }

    /// <summary>Takes note of the limits told by an answer; gives how long to wait if the answer was a refusal because of them.</summary>
    public TimeSpan? Note(string budget, HttpStatusCode status, HttpResponseHeaders headers, string words)
    {
        NoteRemaining(budget, headers);
        var spent = Header(headers, "x-ratelimit-remaining") == 0;
        var reset = spent && Header(headers, "x-ratelimit-reset") is { } seconds
            ? AtMostOneWindow(DateTimeOffset.FromUnixTimeSeconds(seconds) - time.GetUtcNow())
            : (TimeSpan?)null;
        var limited = status is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests
            && (status == HttpStatusCode.TooManyRequests || spent || headers.RetryAfter is not null || IsSecondary(words));
        if (!limited)
        {
            // The last call of the hour succeeded: the next one would not.
            Close(budget, reset, strikes: 0);
            return null;
        }
        var strikes = (closures.TryGetValue(budget, out var before) ? before.Strikes : 0) + 1;
        var wait = RetryAfter(headers) ?? reset ?? Penalty(strikes);
        wait = wait < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : wait;
        Close(budget, wait, strikes);
        return wait;
    }

    private void NoteRemaining(string budget, HttpResponseHeaders headers)
    {
        if (Header(headers, "x-ratelimit-limit") is { } limit && Header(headers, "x-ratelimit-remaining") is { } remaining
            && Header(headers, "x-ratelimit-reset") is { } reset)
        {
            var spending = spendings.GetOrAdd(budget, _ => new Spending());
            var wait = AtMostOneWindow(DateTimeOffset.FromUnixTimeSeconds(reset) - time.GetUtcNow())!.Value;
            lock (spending)
            {
                spending.LowUntil = remaining < limit / 5 ? (time.GetTimestamp(), wait) : null;
            }
        }
    }

    // By the clock that nobody sets.
    private TimeSpan? Left(long since, TimeSpan wait) => wait - time.GetElapsedTime(since) is { Ticks: > 0 } left ? left : null;

    private static bool IsSecondary(string words) =>
        words.Contains("secondary rate limit", StringComparison.OrdinalIgnoreCase) || words.Contains("abuse", StringComparison.OrdinalIgnoreCase);

    private static TimeSpan Penalty(int strikes) =>
        TimeSpan.FromTicks(Math.Min(LongestPenalty.Ticks, FirstPenalty.Ticks << Math.Min(strikes - 1, 8)));

    private static long? Header(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values)
        && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number <= DateTimeOffset.MaxValue.ToUnixTimeSeconds() ? number : null;

    private void Close(string budget, TimeSpan? wait, int strikes)
    {
        if (wait is null)
        {
            closures.TryRemove(budget, out _);
        }
        else
        {
            closures[budget] = new Closure(time.GetTimestamp(), wait.Value, strikes);
        }
    }

    private TimeSpan? RetryAfter(HttpResponseHeaders headers) =>
        headers.RetryAfter is { } after ? after.Delta ?? AtMostOneWindow(after.Date - time.GetUtcNow()) : null;

    /// <summary>GitHub counts by the hour: what is further away is a clock of ours that is behind.</summary>
    private static TimeSpan? AtMostOneWindow(TimeSpan? wait) => wait > Window ? Window : wait;

    private sealed record Closure(long Since, TimeSpan Wait, int Strikes);

    /// <summary>What was asked of a budget in this minute, and until when the hour's calls run low by GitHub's word.</summary>
    private sealed class Spending
    {
        public long? Began { get; set; }

        public int Points { get; set; }

        public (long Since, TimeSpan Wait)? LowUntil { get; set; }
    }
}
