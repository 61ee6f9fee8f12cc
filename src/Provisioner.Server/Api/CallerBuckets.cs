using Provisioner.Server.Configuration;

namespace Provisioner.Server.Api;

/// <summary>
/// A bucket of requests for each caller, filled over time. What one caller does takes nothing from another. A bucket that is full again
/// says nothing that a new one would not say, so it is dropped; and there is an end to how many are kept.
/// </summary>
internal sealed class CallerBuckets(LimitOptions options, TimeProvider time)
{
    public const int MostKept = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Bucket> _buckets = [];

    /// <summary>How many are kept.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _buckets.Count;
            }
        }
    }

    /// <summary>Takes one request of a caller: null; or how long it has to wait for one.</summary>
    public TimeSpan? Take(string caller)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            if (!_buckets.TryGetValue(caller, out var bucket) && _buckets.Count >= MostKept)
            {
                MakeRoom(now);
            }

            var left = bucket is null ? options.CallerBurst : LeftOf(bucket, now);
            var may = left >= 1;
            _buckets[caller] = new Bucket(may ? left - 1 : left, now);
            return may ? null : TimeSpan.FromSeconds((1 - left) / options.CallerRequestsPerSecond);
        }
    }

    private double LeftOf(Bucket bucket, long now) =>
        Math.Min(options.CallerBurst, bucket.Left + time.GetElapsedTime(bucket.At, now).TotalSeconds * options.CallerRequestsPerSecond);

    /// <summary>The full ones go; where there is none, those that were quiet for longest, whose owners get a full one when they come back.</summary>
    private void MakeRoom(long now)
    {
        var full = _buckets.Where(bucket => LeftOf(bucket.Value, now) >= options.CallerBurst).Select(bucket => bucket.Key).ToList();
        foreach (var caller in full.Count > 0 ? full : [.. _buckets.OrderBy(bucket => bucket.Value.At).Take(MostKept / 10).Select(bucket => bucket.Key)])
        {
            _buckets.Remove(caller);
        }
    }

    private sealed record Bucket(double Left, long At);
}
