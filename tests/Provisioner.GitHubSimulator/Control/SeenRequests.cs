using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Provisioner.GitHubSimulator.Control;

/// <summary>What was asked of us, without secrets: tests look here for what a client did, and people for what went wrong.</summary>
internal sealed class SeenRequests(TimeProvider time)
{
    private const int Kept = 10_000;

    private readonly ConcurrentQueue<Seen> seen = new();

    public IResult Show() => Answer.Json(Answer.Array(seen.Select(one => new JsonObject
    {
        ["at"] = $"{one.At.UtcDateTime:O}",
        ["method"] = one.Method,
        ["path"] = one.Path,
        ["status"] = one.Status,
        ["user_agent"] = one.UserAgent,
        ["authorized"] = one.Authorized,
    })));

    /// <summary>"METHOD path" of each, without query.</summary>
    public IReadOnlyList<string> Calls() => [.. seen.Select(one => $"{one.Method} {one.Path.Split('?')[0]}")];

    /// <summary>When each came, and what it was.</summary>
    public IReadOnlyList<(DateTimeOffset At, string Method, string Path, int? Status)> Log() => [.. seen.Select(one => (one.At, one.Method, one.Path, one.Status))];

    public void Clear() => seen.Clear();

    public async Task NoteAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        // Noted before it is answered, in the order of arrival; and the path taken now, as it is rewritten on the way.
        var one = new Seen(time.GetUtcNow(), request.Method, Address(request), $"{request.Headers.UserAgent}", request.Headers.Authorization.Count > 0);
        seen.Enqueue(one);
        while (seen.Count > Kept)
        {
            seen.TryDequeue(out _);
        }
        context.Response.OnStarting(() =>
        {
            one.Status = context.Response.StatusCode; // before who asked knows it
            return Task.CompletedTask;
        });
        await next(context);
        one.Status = context.RequestAborted.IsCancellationRequested ? null : context.Response.StatusCode;
    }

    // The query of an upload is its permission.
    private static string Address(HttpRequest request) =>
        request.PathBase + request.Path + (request.Query.ContainsKey("sig") ? "?***" : $"{request.QueryString}");

    private sealed record Seen(DateTimeOffset At, string Method, string Path, string UserAgent, bool Authorized)
    {
        /// <summary>Null while there was no answer.</summary>
        public int? Status { get; set; }
    }
}
