using System.Globalization;
using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Store;

namespace Provisioner.Server.Api;

/// <summary>
/// <c>GET /v1/events</c>: the events of all VMs that the caller may see. First the <c>last</c> that there are, or those after
/// <c>Last-Event-ID</c>, and then each as it happens, for as long as the caller's credential holds; with <c>follow=false</c> only the first.
/// </summary>
internal static class EventFeed
{
    private const int MostOfPast = 1000;

    // Who may see few VMs of many would have the whole store read for the last of their events.
    private const int PagesOfPast = 10;

    public static async Task WriteAsync(
        HttpContext context, EventTable events, VmNews news, TimeProvider time, CredentialEnd credentials, IHostApplicationLifetime lifetime, int last = 0, bool follow = true)
    {
        if (last is < 0 or > MostOfPast)
        {
            await Problems.Of(ProblemCode.InvalidRequest, $"last: 0 to {MostOfPast}.", "Ask for fewer events of the past.").ExecuteAsync(context);
            return;
        }

        using var opened = credentials.Open(context.Caller);
        // A workflow's token lives for minutes, and opens nothing that lives longer: the stream of one VM ends with it, this one does not end by itself.
        using var expiry = context.Caller.Workflow is { } workflow ? new CancellationTokenSource(Until(workflow.ExpiresAt, time), time) : new CancellationTokenSource();
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping, opened.Ended, expiry.Token);
        using var following = news.Follow(id: null);
        var newest = events.Newest();
        var given = LastEventId(context.Request, newest);
        var reader = new EventReader(events, context.Caller.Grant, given ?? newest, follow);
        EventStream.Begin(context);
        try
        {
            await context.Response.WriteAsync(": hello\n\n", ends.Token);
            foreach (var change in given is null ? Past(events, context.Caller.Grant, newest, last) : [])
            {
                await EventStream.WriteEventAsync(context.Response, change, ends.Token);
            }

            await FollowAsync(reader, context.Response, following, time, follow, ends.Token);
        }
        catch (OperationCanceledException)
        {
            // As with the events of one VM: either end finds the other again.
        }
        catch (StoreException) when (context.Response.HasStarted)
        {
            context.Abort();
        }
    }

    private static TimeSpan Until(DateTimeOffset end, TimeProvider time) => end - time.GetUtcNow() is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    private static async Task FollowAsync(EventReader reader, HttpResponse response, VmNews.Following following, TimeProvider time, bool follow, CancellationToken ends)
    {
        do
        {
            foreach (var change in reader.Next())
            {
                await EventStream.WriteEventAsync(response, change, ends, reader.Reached);
            }

            if (follow && !await following.WaitAsync(EventStream.Heartbeat, time, ends))
            {
                await response.WriteAsync(": still here\n\n", ends);
            }
        }
        while (follow);
    }

    private static IEnumerable<VmEvent> Past(EventTable events, Grant grant, long newest, int last)
    {
        var past = new List<VmEvent>();
        for (var (page, from) = (0, newest); page < PagesOfPast && past.Count < last && from > 0; page++)
        {
            var found = events.UpTo(from, MostOfPast);
            past.AddRange(found.Where(one => grant.Covers(one.Repository)).Select(one => one.Change));
            from = found.Count < MostOfPast ? 0 : found[^1].Change.Sequence - 1;
        }

        return past.Take(last).Reverse();
    }

    /// <summary>One that is newer than all there are is from a database that was put back since.</summary>
    private static long? LastEventId(HttpRequest request, long newest) =>
        long.TryParse(request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0 && given <= newest ? given : null;
}
