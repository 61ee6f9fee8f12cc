using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Provisioner.GitHub;

/// <summary>
/// Remembers until when GitHub told us to stay away, so that no further call is made before: those who go on calling get banned.
/// GitHub counts per account and, on top of that, registrations apart from everything else (the budget's name says both).
/// </summary>
internal sealed class RateLimits(TimeProvider time)
{
    private static readonly TimeSpan FirstPenalty = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Window = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestPenalty = TimeSpan.FromMinutes(15);

    private readonly ConcurrentDictionary<string, Closure> closures = new();

    public TimeSpan? RemainingWait(string budget) =>
        closures.TryGetValue(budget, out var closure) && closure.Wait - time.GetElapsedTime(closure.Since) is { Ticks: > 0 } wait ? wait : null;

    /// <summary>Takes note of the limits told by an answer; gives how long to wait if the answer was a refusal because of them.</summary>
    public TimeSpan? Note(string budget, HttpStatusCode status, HttpResponseHeaders headers, string words)
    {
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
}
