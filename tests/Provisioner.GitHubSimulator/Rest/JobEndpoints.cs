using System.Text.Json.Nodes;
using Provisioner.GitHubSimulator.State;

namespace Provisioner.GitHubSimulator.Rest;

/// <summary>What a repository's workflow runs and jobs are doing. A queued job has a run of its own, unless it names one; others are made by control.</summary>
internal static class JobEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/repos/{owner}/{repo}/actions").ForRepository(CallerKind.RunReader);
        group.MapGet("/jobs/{id:long}", (string owner, string repo, long id, Board board) =>
            Show(board, owner, repo, job => job.Id == id, Describe));
        group.MapGet("/runs/{run:long}", (string owner, string repo, long run, HttpContext context, Board board) =>
            ShowRun(context, board.Run($"{owner}/{repo}", run, attempt: null)));
        group.MapGet("/runs/{run:long}/attempts/{attempt:int}", (string owner, string repo, long run, int attempt, HttpContext context, Board board) =>
            ShowRun(context, board.Run($"{owner}/{repo}", run, attempt)));
        group.MapGet("/runs/{run:long}/jobs", (string owner, string repo, long run, int? per_page, int? page, Board board) =>
            ShowJobs(board.JobsOfRun($"{owner}/{repo}", run, attempt: null), per_page, page));
        group.MapGet("/runs/{run:long}/attempts/{attempt:int}/jobs", (string owner, string repo, long run, int attempt, int? per_page, int? page, Board board) =>
            ShowJobs(board.JobsOfRun($"{owner}/{repo}", run, attempt), per_page, page));
        group.MapPost("/runs/{run:long}/cancel", Cancel);
    }

    public static JsonObject Describe(SimulatedJob job) => new()
    {
        ["id"] = job.Id,
        ["run_id"] = job.RunId,
        ["run_attempt"] = 1,
        ["name"] = job.Name,
        ["workflow_name"] = "simulated",
        ["head_branch"] = "main",
        ["head_sha"] = new string('0', 40),
        ["status"] = Status(job),
        ["conclusion"] = job.Conclusion,
        ["created_at"] = Time(job.CreatedAt),
        ["started_at"] = Time(job.StartedAt ?? job.CreatedAt),
        ["completed_at"] = Time(job.CompletedAt),
        ["labels"] = Answer.Strings(job.Labels),
        ["runner_id"] = job.State >= JobState.InProgress ? job.RunnerId : null,
        ["runner_name"] = job.State >= JobState.InProgress ? job.RunnerName : null,
        ["runner_group_id"] = job.State >= JobState.InProgress && job.RunnerId is not null ? 1 : null,
        ["runner_group_name"] = job.State >= JobState.InProgress && job.RunnerId is not null ? "Default" : null,
        ["steps"] = new JsonArray(),
    };

    public static JsonObject DescribeRun(SimulatedRun run) => new()
    {
        ["id"] = run.Id,
        ["run_attempt"] = run.Attempt,
        ["name"] = "simulated",
        ["status"] = run.Status,
        ["conclusion"] = run.Conclusion,
    };

    private static IResult ShowRun(HttpContext context, SimulatedRun? run)
    {
        if (run is null)
        {
            return Answer.Error(404, "Not Found");
        }
        var version = $"W/\"{run.Id}-{run.Attempt}-{run.Status}-{run.Conclusion}\"";
        context.Response.Headers.ETag = version;
        return context.Request.Headers.IfNoneMatch.Contains(version)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : Answer.Json(DescribeRun(run));
    }

    private static IResult ShowJobs(IReadOnlyList<SimulatedJob>? jobs, int? perPage, int? page)
    {
        if (jobs is null)
        {
            return Answer.Error(404, "Not Found");
        }
        var size = Math.Clamp(perPage ?? 30, 1, 100);
        return Answer.Json(new JsonObject
        {
            ["total_count"] = jobs.Count,
            ["jobs"] = Answer.Array(jobs.Skip((Math.Max(page ?? 1, 1) - 1) * size).Take(size).Select(Describe)),
        });
    }

    public static string Status(SimulatedJob job) => job.State switch
    {
        JobState.Queued or JobState.Assigned => "queued",
        JobState.InProgress => "in_progress",
        JobState.Completed => "completed",
    };

    private static string? Time(DateTimeOffset? time) => time is null ? null : $"{time.Value.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}";

    private static IResult Show(Board board, string owner, string repo, Func<SimulatedJob, bool> wanted, Func<SimulatedJob, JsonObject> show) =>
        Find(board, owner, repo, wanted) is { } job ? Answer.Json(show(job)) : Answer.Error(404, "Not Found");

    private static IResult Cancel(string owner, string repo, long run, Board board) =>
        Find(board, owner, repo, job => job.RunId == run) switch
        {
            null => Answer.Error(404, "Not Found"),
            { } job when board.Cancel(job.Id) => Answer.Json(new JsonObject(), StatusCodes.Status202Accepted),
            _ => Answer.Error(409, "Cannot cancel a workflow run that is completed."),
        };

    private static SimulatedJob? Find(Board board, string owner, string repo, Func<SimulatedJob, bool> wanted) =>
        board.Jobs().FirstOrDefault(job =>
            wanted(job) && string.Equals(job.Repository, $"{owner}/{repo}", StringComparison.OrdinalIgnoreCase));
}
