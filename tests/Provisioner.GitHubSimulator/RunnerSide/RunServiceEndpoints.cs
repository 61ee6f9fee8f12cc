using System.Text.Json.Nodes;
using Provisioner.GitHubSimulator.State;

namespace Provisioner.GitHubSimulator.RunnerSide;

/// <summary>Where a runner takes its job, says every minute that it still runs it, and tells how it ended.</summary>
internal static class RunServiceEndpoints
{
    private static readonly JsonNodeOptions AnyCase = new() { PropertyNameCaseInsensitive = true };

    public static void MapRunService(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/run");
        group.MapPost("/acquirejob", AcquireAsync);
        group.MapPost("/renewjob", RenewAsync);
        group.MapPost("/completejob", CompleteAsync);
    }

    private static async Task<IResult> AcquireAsync(HttpRequest request, Board board, RunnerIdentity identity, JobMessage messages)
    {
        if (await identity.FindAsync(request) is not { } runner)
        {
            return TypedResults.Unauthorized();
        }
        var asked = await ReadAsync(request);
        var (job, refusal) = board.Acquire(runner, (string?)asked?["jobMessageId"] ?? "");
        return job is null ? Refuse(refusal, "The job message was not found or is taken.") : Answer.Json(messages.Full(job));
    }

    private static async Task<IResult> RenewAsync(HttpRequest request, Board board, RunnerIdentity identity)
    {
        if (!await identity.IsKnownAsync(request))
        {
            return TypedResults.Unauthorized();
        }
        return board.Renew(JobId(await ReadAsync(request))) is { } until
            ? Answer.Json(new JsonObject { ["lockedUntil"] = $"{until.UtcDateTime:O}" })
            : Refuse(404, "The job is not running.");
    }

    private static async Task<IResult> CompleteAsync(HttpRequest request, Board board, RunnerIdentity identity)
    {
        if (!await identity.IsKnownAsync(request))
        {
            return TypedResults.Unauthorized();
        }
        var asked = await ReadAsync(request);
        return board.Complete(JobId(asked), Conclusion(asked?["conclusion"]))
            ? TypedResults.NoContent()
            : Refuse(404, "The job is not running.");
    }

    private static Task<JsonNode?> ReadAsync(HttpRequest request) =>
        JsonNode.ParseAsync(request.Body, AnyCase, cancellationToken: request.HttpContext.RequestAborted);

    private static Guid JobId(JsonNode? asked) => Guid.TryParse((string?)asked?["jobId"], out var id) ? id : default;

    // The runner's words on the left (or its enum's numbers), those of GitHub's REST API on the right.
    private static string Conclusion(JsonNode? said) => said?.ToString().ToLowerInvariant() switch
    {
        "succeeded" or "succeededwithissues" or "0" or "1" => "success",
        "canceled" or "cancelled" or "3" => "cancelled",
        "skipped" or "4" => "skipped",
        _ => "failure",
    };

    private static IResult Refuse(int status, string message) => Answer.Json(
        new JsonObject
        {
            ["source"] = "actions-run-service",
            ["statusCode"] = status,
            ["errorMessage"] = message,
        },
        status);
}
