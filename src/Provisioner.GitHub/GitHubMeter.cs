using System.Diagnostics.Metrics;
using System.Net.Http.Headers;

namespace Provisioner.GitHub;

/// <summary>Counts the calls of GitHub's API. Neither paths nor accounts are labels: their number has no bound.</summary>
internal static class GitHubMeter
{
    private static readonly Meter Meter = new("Provisioner.GitHub");

    private static readonly Counter<long> Requests = Meter.CreateCounter<long>("vbdp.github.requests", description: "Calls of GitHub's API, by method and status; status 0: no answer");

    private static readonly Gauge<long> Remaining = Meter.CreateGauge<long>("vbdp.github.rate.limit.remaining", description: "Calls that GitHub still allows in this hour, as its last answer said");

    public static void Answered(HttpMethod method, int status, HttpResponseHeaders headers)
    {
        Count(method, status);
        if (headers.TryGetValues("x-ratelimit-remaining", out var values) && long.TryParse(values.FirstOrDefault(), out var remaining))
        {
            Remaining.Record(remaining);
        }
    }

    public static void NoAnswer(HttpMethod method) => Count(method, 0);

    private static void Count(HttpMethod method, int status) => Requests.Add(1, new("method", method.Method), new("code", status));
}
