using Microsoft.Extensions.Time.Testing;
using Provisioner.Server.Api;
using Provisioner.Server.Configuration;

namespace Provisioner.Tests.Limits;

/// <summary>How often a caller may ask, on a clock of our own.</summary>
public sealed class CallerBucketsTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_caller_may_ask_so_often_at_once_and_then_as_often_as_the_bucket_fills()
    {
        var buckets = new CallerBuckets(new LimitOptions { CallerBurst = 3, CallerRequestsPerSecond = 2 }, _time);

        Assert.All(Enumerable.Range(0, 3), _ => Assert.Null(buckets.Take("a")));
        Assert.Equal(TimeSpan.FromSeconds(0.5), buckets.Take("a"));
        _time.Advance(TimeSpan.FromSeconds(0.5));
        Assert.Null(buckets.Take("a"));
        Assert.NotNull(buckets.Take("a"));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Null(buckets.Take("a")));
        Assert.NotNull(buckets.Take("a"));
    }

    [Fact]
    public void What_one_caller_does_takes_nothing_from_another()
    {
        var buckets = new CallerBuckets(new LimitOptions { CallerBurst = 3, CallerRequestsPerSecond = 1 }, _time);
        for (var request = 0; request < 10_000; request++)
        {
            buckets.Take("greedy");
        }

        Assert.All(Enumerable.Range(0, 3), _ => Assert.Null(buckets.Take("modest")));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(buckets.Take("greedy")); // what was refused was not taken either
    }

    [Fact]
    public void A_matrix_of_256_jobs_whose_legs_create_follow_show_and_delete_is_not_refused()
    {
        var buckets = new CallerBuckets(new LimitOptions(), _time);

        Assert.All(Enumerable.Range(0, 256 * 4), _ => Assert.Null(buckets.Take("workflow:acme/gpu (run 1, attempt 1)")));
    }

    [Fact]
    public void However_many_callers_come_no_more_than_some_are_remembered()
    {
        var buckets = new CallerBuckets(new LimitOptions { CallerBurst = 1000, CallerRequestsPerSecond = 1 }, _time);
        for (var caller = 0; caller < 3 * CallerBuckets.MostKept; caller++)
        {
            Assert.Null(buckets.Take($"caller {caller}"));
            _time.Advance(TimeSpan.FromMilliseconds(caller % 2));
        }

        Assert.InRange(buckets.Count, 1, CallerBuckets.MostKept);
    }
}
