using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Provisioner.GitHubSimulator.RunnerSide;
using Provisioner.GitHubSimulator.State;

namespace Provisioner.GitHubSimulator.Rest;

/// <summary>The self-hosted runners of a repository.</summary>
internal static class RunnerEndpoints
{
    private const int DefaultPage = 30;
    private const int LargestPage = 100;

    public static void MapRunners(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/repos/{owner}/{repo}/actions/runners").ForRepository();
        group.MapPost("/generate-jitconfig", GenerateAsync);
        group.MapPost("/registration-token", NewToken);
        group.MapPost("/remove-token", NewToken);
        group.MapGet("/downloads", () => Answer.Json(new JsonArray()));
        group.MapGet("", List);
        group.MapGet("/{id:long}", Get);
        group.MapDelete("/{id:long}", Remove);
    }

    public static JsonObject Describe(SimulatedRunner runner, DateTimeOffset now) => new()
    {
        ["id"] = runner.Id,
        ["runner_group_id"] = 1,
        ["name"] = runner.Name,
        ["os"] = runner.Os,
        ["status"] = runner.IsOnline(now) ? "online" : "offline",
        ["busy"] = runner.Busy,
        ["ephemeral"] = runner.Ephemeral,
        ["version"] = runner.Version,
        ["labels"] = Answer.Array(runner.Labels.Select((label, index) =>
            new JsonObject { ["id"] = index + 1, ["name"] = label, ["type"] = "custom" })),
    };

    private static async Task<IResult> GenerateAsync(
        string owner, string repo, HttpContext context, Board board, JitConfig jitConfig, RunnerKeys keys)
    {
        if (await Answer.ReadAsync(context.Request, SimulatorJson.Default.JitConfigRequest) is not { } request)
        {
            return Answer.Error(400, "Problems parsing JSON");
        }
        if (request.Refusal() is { } refusal)
        {
            return Answer.Error(refusal.Status, refusal.Message);
        }
        var key = keys.Next();
        if (board.Register($"{owner}/{repo}", request.Name!, request.Labels!, RunnerKeys.PublicPart(key)) is not { } runner)
        {
            return Answer.Error(409, $"Already exists - A runner with the name {request.Name} already exists.");
        }
        return Answer.Json(
            new JsonObject
            {
                ["runner"] = Describe(runner, default),
                ["encoded_jit_config"] = jitConfig.Encode(runner, key, request.WorkFolder ?? "_work"),
            },
            StatusCodes.Status201Created);
    }

    private static IResult NewToken(TimeProvider time) => Answer.Json(
        new JsonObject
        {
            ["token"] = RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 29),
            ["expires_at"] = $"{time.GetUtcNow().AddHours(1):yyyy-MM-ddTHH:mm:ssZ}",
        },
        StatusCodes.Status201Created);

    private static IResult List(string owner, string repo, int? per_page, int? page, string? name, Board board, TimeProvider time)
    {
        var size = Math.Clamp(per_page ?? DefaultPage, 1, LargestPage);
        var found = board.Runners($"{owner}/{repo}")
            .Where(runner => !board.IsHidden(runner))
            .Where(runner => name is null || string.Equals(runner.Name, name, StringComparison.OrdinalIgnoreCase))
            .ToList();
        var shown = found.Skip((Math.Max(page ?? 1, 1) - 1) * size).Take(size);
        return Answer.Json(new JsonObject
        {
            ["total_count"] = found.Count,
            ["runners"] = Answer.Array(shown.Select(runner => Describe(runner, time.GetUtcNow()))),
        });
    }

    private static IResult Get(string owner, string repo, long id, Board board, TimeProvider time) =>
        board.Runners($"{owner}/{repo}").FirstOrDefault(runner => runner.Id == id) is { } runner
            ? Answer.Json(Describe(runner, time.GetUtcNow()))
            : Answer.Error(404, "Not Found");

    private static IResult Remove(string owner, string repo, long id, Board board) => board.Remove($"{owner}/{repo}", id) switch
    {
        RemovalResult.Removed => TypedResults.NoContent(),
        RemovalResult.NotFound => Answer.Error(404, "Not Found"),
        RemovalResult.Busy => Answer.Error(422, "Bad request - Runner is currently running a job and cannot be deleted."),
    };
}
