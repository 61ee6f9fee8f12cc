using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;

namespace Provisioner.GitHub;

/// <summary>
/// Sends calls to GitHub's REST API: deadline, size limit, rate limits, and repeats of what may be repeated. A retry loop of our
/// own instead of a resilience package: GitHub's rules need the headers and words of the answer, and thirty lines say them.
/// </summary>
internal sealed partial class GitHubRest(HttpClient http, GitHubEndpoints endpoints, TimeProvider time, ILogger logger)
{
    private const int Attempts = 3;
    private const int LargestAnswer = 4 * 1024 * 1024;

    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    // A longer wait is the caller's to plan: it has other virtual machines to look after meanwhile.
    private static readonly TimeSpan LongestRateLimitPause = TimeSpan.FromSeconds(5);

    private readonly RateLimits limits = new(time);

    /// <exception cref="GitHubException">Unreachable or RateLimited; every other answer is returned.</exception>
    public async Task<RestReply> SendAsync(RestCall call, string token, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var reply = await SendOnceAsync(call, token, cancellationToken);
                if ((int)reply.Status < 500 || !call.MayRepeat || attempt == Attempts)
                {
                    return reply;
                }
                LogRepeating(call, attempt, reply.Said);
                await PauseAsync(attempt, cancellationToken);
            }
            catch (GitHubException e) when (attempt < Attempts && CanRepeatAfter(e, call))
            {
                LogRepeating(call, attempt, e.Message);
                await (e.RetryAfter is { } wait ? Task.Delay(wait, time, cancellationToken) : PauseAsync(attempt, cancellationToken));
            }
        }
    }

    /// <summary>Waits a little longer after each attempt, and not in step with everybody else whose call failed at the same moment.</summary>
    public Task PauseAsync(int attempt, CancellationToken cancellationToken) =>
        Task.Delay(FirstPause * (1 << (attempt - 1)) * (0.5 + Random.Shared.NextDouble()), time, cancellationToken);

    private static bool CanRepeatAfter(GitHubException e, RestCall call) => e.Fault switch
    {
        // GitHub did not do what it refused for its limits: even a call that may not be repeated was not made.
        GitHubFault.RateLimited => e.RetryAfter <= LongestRateLimitPause,
        GitHubFault.Unreachable => call.MayRepeat || Refusal.SurelyNotSent(e),
        _ => false,
    };

    private async Task<RestReply> SendOnceAsync(RestCall call, string token, CancellationToken cancellationToken)
    {
        if (limits.Take(call) is { } remaining)
        {
            throw Refusal.RateLimited(call, remaining.Wait, remaining.Why);
        }
        var started = time.GetTimestamp();
        using var deadline = new CancellationTokenSource(AttemptTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = Compose(call, token);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var reply = await ReadAsync(call, response, either.Token);
            GitHubMeter.Answered(call.Method, (int)reply.Status, response.Headers);
            LogAnswered(call, (int)reply.Status, time.GetElapsedTime(started), reply.RequestId);
            return limits.Note(call, started, reply.Status, response.Headers, reply.Words()) is { } wait
                ? throw Refusal.RateLimited(call, wait, reply.Said)
                : reply;
        }
        catch (HttpRequestException e)
        {
            GitHubMeter.NoAnswer(call.Method);
            throw Refusal.Unreachable(call, endpoints.Rest, e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            GitHubMeter.NoAnswer(call.Method);
            throw Refusal.NoAnswer(call, endpoints.Rest, AttemptTimeout, e);
        }
    }

    private static async Task<RestReply> ReadAsync(RestCall call, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(LargestAnswer, cancellationToken);
        var requestId = response.Headers.TryGetValues("X-GitHub-Request-Id", out var ids) ? ids.FirstOrDefault() : null;
        return new RestReply(call, response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellationToken), requestId)
        {
            Version = response.Headers.ETag?.ToString(),
        };
    }

    private HttpRequestMessage Compose(RestCall call, string token)
    {
        var request = new HttpRequestMessage(call.Method, new Uri(endpoints.Rest, call.Path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.Accept.ParseAdd("application/vnd.github+json");
        request.Headers.Add("X-GitHub-Api-Version", "2022-11-28");
        // GitHub refuses requests without a User-Agent.
        request.Headers.UserAgent.ParseAdd("virtualbox-dynamic-provisioner");
        if (call.KnownVersion is { } known)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
        }
        if (call.Body is { } body)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        return request;
    }

    [LoggerMessage(LogLevel.Debug, "GitHub answered {Call} with {Status} after {Elapsed} (request {RequestId})")]
    private partial void LogAnswered(RestCall call, int status, TimeSpan elapsed, string? requestId);

    [LoggerMessage(LogLevel.Warning, "GitHub call {Call} failed at attempt {Attempt} and is repeated: {Reason}")]
    private partial void LogRepeating(RestCall call, int attempt, string reason);
}
