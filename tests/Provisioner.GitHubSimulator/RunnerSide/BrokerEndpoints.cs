using System.Text.Json.Nodes;
using Provisioner.GitHubSimulator.State;

namespace Provisioner.GitHubSimulator.RunnerSide;

/// <summary>Where runners open their session and wait for messages.</summary>
internal static class BrokerEndpoints
{
    private static readonly JsonNodeOptions AnyCase = new() { PropertyNameCaseInsensitive = true };

    public static void MapBroker(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/broker");
        group.MapPost("/session", OpenSessionAsync);
        group.MapDelete("/session", CloseSessionAsync);
        group.MapGet("/message", PollAsync);
        group.MapPost("/acknowledge", AcknowledgeAsync);
    }

    private static async Task<IResult> OpenSessionAsync(HttpRequest request, Board board, RunnerIdentity identity)
    {
        if (await identity.FindAsync(request) is not { } runner)
        {
            return TypedResults.Unauthorized();
        }
        if (runner.Gone)
        {
            return NotFound(runner);
        }
        var asked = await JsonNode.ParseAsync(request.Body, AnyCase, cancellationToken: request.HttpContext.RequestAborted);
        var agent = asked?["agent"];
        if (board.OpenSession(runner, (string?)agent?["version"], OperatingSystemOf((string?)agent?["osDescription"])) is not { } session)
        {
            return Refuse(409, "RunnerSessionConflict", $"The runner {runner.Name} already has an active session.");
        }
        return Answer.Json(new JsonObject
        {
            ["sessionId"] = session.ToString(),
            ["ownerName"] = asked?["ownerName"]?.DeepClone(),
            ["agent"] = agent?.DeepClone(),
        });
    }

    private static async Task<IResult> CloseSessionAsync(HttpRequest request, Board board, RunnerIdentity identity)
    {
        if (await identity.FindAsync(request) is not { } runner)
        {
            return TypedResults.Unauthorized();
        }
        board.CloseSession(runner);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> PollAsync(
        HttpRequest request, Guid sessionId, string? status, Board board, RunnerIdentity identity, JobMessage messages, SimulatorOptions options)
    {
        if (await identity.FindAsync(request) is not { } runner)
        {
            return TypedResults.Unauthorized();
        }
        if (runner.Session != sessionId && !runner.Gone)
        {
            return Refuse(401, "RunnerSessionInvalid", "The session is not known.");
        }
        var idle = !string.Equals(status, "Busy", StringComparison.OrdinalIgnoreCase);
        board.CountPoll(runner, +1);
        try
        {
            var answer = await board.WaitForAsync(() => Next(board, messages, runner, idle), options.PollTime, request.HttpContext.RequestAborted);
            return answer ?? TypedResults.StatusCode(StatusCodes.Status202Accepted);
        }
        catch (OperationCanceledException)
        {
            return TypedResults.StatusCode(StatusCodes.Status499ClientClosedRequest);
        }
        finally
        {
            board.CountPoll(runner, -1);
        }
    }

    private static IResult? Next(Board board, JobMessage messages, SimulatedRunner runner, bool idle)
    {
        if (board.Present(runner) is { Gone: true, Finished: false })
        {
            return NotFound(runner);
        }
        return board.Cancellation(runner) is { } cancelled ? Answer.Json(JobMessage.Cancellation(cancelled))
            : idle && board.Offer(runner) is { } job ? Answer.Json(messages.Offer(job))
            : null;
    }

    private static async Task<IResult> AcknowledgeAsync(HttpRequest request, Board board, RunnerIdentity identity)
    {
        if (await identity.FindAsync(request) is not { } runner)
        {
            return TypedResults.Unauthorized();
        }
        board.Acknowledge(runner);
        return TypedResults.NoContent();
    }

    private static IResult NotFound(SimulatedRunner runner) => Refuse(404, "RunnerNotFound", $"The runner {runner.Name} is not registered.");

    private static IResult Refuse(int status, string kind, string message) => Answer.Json(
        new JsonObject
        {
            ["source"] = "actions-broker-listener",
            ["errorKind"] = kind,
            ["statusCode"] = status,
            ["errorMessage"] = message,
        },
        status);

    private static string OperatingSystemOf(string? description) => description switch
    {
        null => "unknown",
        _ when description.Contains("Windows", StringComparison.OrdinalIgnoreCase) => "win",
        _ when description.Contains("Darwin", StringComparison.OrdinalIgnoreCase) => "macos",
        _ => "linux",
    };
}
