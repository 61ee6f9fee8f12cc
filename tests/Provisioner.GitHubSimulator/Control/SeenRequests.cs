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

    public void Clear() => seen.Clear();

    public async Task NoteAsync(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        // Taken now: the path is rewritten on the way, and the query of an upload is its permission.
        var (method, path) = (request.Method, request.PathBase + request.Path + (request.Query.ContainsKey("sig") ? "?***" : request.QueryString));
        try
        {
            await next(context);
        }
        finally
        {
            seen.Enqueue(new Seen(
                time.GetUtcNow(), method, path, context.RequestAborted.IsCancellationRequested ? 0 : context.Response.StatusCode,
                request.Headers.UserAgent.ToString(), request.Headers.Authorization.Count > 0));
            while (seen.Count > Kept)
            {
                seen.TryDequeue(out _);
            }
        }
    }

    private sealed record Seen(DateTimeOffset At, string Method, string Path, int Status, string UserAgent, bool Authorized);
}
