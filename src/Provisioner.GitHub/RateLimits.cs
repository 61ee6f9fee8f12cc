using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Provisioner.GitHub;

/// <summary>
/// Remembers until when GitHub told us to stay away, so that no further call is made before: those who go on calling get banned.
/// GitHub counts all calls of an account, and refuses registrations apart from everything else (see <see cref="RestCall.Budget"/>).
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
    private readonly ConcurrentDictionary<string, Closure> shortages = new();
    private readonly ConcurrentDictionary<string, Spending> spendings = new();

    /// <summary>Counts a call that is about to be made; or says how long it has to wait, and why.</summary>
    public (TimeSpan Wait, string Why)? Take(RestCall call)
    {
        if (closures.TryGetValue(call.Budget, out var closure) && Left(closure.Since, closure.Wait) is { } told)
        {
            return (told, "told earlier");
        }
        if (call.Deferrable && shortages.TryGetValue(call.Budget, out var shortage) && Left(shortage.Since, shortage.Wait) is { } reset)
        {
            return (reset, "the rest of the hour's calls is kept for registrations and removals");
        }
        var spending = spendings.GetOrAdd(call.Account, _ => new Spending());
        lock (spending)
        {
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

    /// <summary>
    /// Takes note of the limits told by an answer to a call that was <paramref name="sent"/> then; gives how long to wait if the
    /// answer was a refusal because of them.
    /// </summary>
    public TimeSpan? Note(RestCall call, long sent, HttpStatusCode status, HttpResponseHeaders headers, string words)
    {
        var budget = call.Budget;
        NoteRemaining(budget, headers);
        var spent = Header(headers, "x-ratelimit-remaining") == 0;
        var reset = spent && Header(headers, "x-ratelimit-reset") is { } seconds
            ? AtMostOneWindow(DateTimeOffset.FromUnixTimeSeconds(seconds) - time.GetUtcNow())
            : (TimeSpan?)null;
        var limited = status is HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests
            && (status == HttpStatusCode.TooManyRequests || spent || headers.RetryAfter is not null || IsSecondary(words));
        if (!limited)
        {
            if (reset is { } untilReset)
            {
                // The last call of the hour succeeded: the next one would not.
                closures[budget] = new Closure(time.GetTimestamp(), untilReset, Strikes: 0);
            }
            else if (closures.TryGetValue(budget, out var closed) && closed.Since < sent)
            {
                // What was under way when another call was refused does not open again what that refusal closed.
                closures.TryRemove(new(budget, closed));
            }
            return null;
        }
        var strikes = (closures.TryGetValue(budget, out var before) ? before.Strikes : 0) + 1;
        var wait = RetryAfter(headers) ?? reset ?? Penalty(strikes);
        wait = wait < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : wait;
        closures[budget] = new Closure(time.GetTimestamp(), wait, strikes);
        return wait;
    }

    private void NoteRemaining(string budget, HttpResponseHeaders headers)
    {
        if (Header(headers, "x-ratelimit-limit") is { } limit && Header(headers, "x-ratelimit-remaining") is { } remaining
            && Header(headers, "x-ratelimit-reset") is { } reset)
        {
            var wait = remaining < limit / 5 ? AtMostOneWindow(DateTimeOffset.FromUnixTimeSeconds(reset) - time.GetUtcNow())!.Value : TimeSpan.Zero;
            shortages[budget] = new Closure(time.GetTimestamp(), wait, Strikes: 0);
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

    private TimeSpan? RetryAfter(HttpResponseHeaders headers) =>
        headers.RetryAfter is { } after ? after.Delta ?? AtMostOneWindow(after.Date - time.GetUtcNow()) : null;

    /// <summary>GitHub counts by the hour: what is further away is a clock of ours that is behind.</summary>
    private static TimeSpan? AtMostOneWindow(TimeSpan? wait) => wait > Window ? Window : wait;

    private sealed record Closure(long Since, TimeSpan Wait, int Strikes);

    /// <summary>What was asked for an account in this minute.</summary>
    private sealed class Spending
    {
        public long? Began { get; set; }

        public int Points { get; set; }
    }
}
