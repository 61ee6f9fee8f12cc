using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Provisioner.GitHubSimulator.Faults;
using Provisioner.GitHubSimulator.Rest;
using Provisioner.GitHubSimulator.RunnerSide;
using Provisioner.GitHubSimulator.State;

namespace Provisioner.GitHubSimulator.Control;

/// <summary>What no GitHub has: queue a job, read its log, see all, break things. Not protected: for tests and demos only.</summary>
internal static class ControlEndpoints
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    public static void MapControl(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/_simulator");
        group.MapPost("/jobs", QueueAsync);
        group.MapGet("/jobs", (Board board, JobLogs logs) => Answer.Json(Answer.Array(board.Jobs().Select(job => Describe(job, logs)))));
        group.MapGet("/jobs/{id:long}", ShowAsync);
        group.MapPost("/jobs/{id:long}/cancel", (long id, Board board) =>
            board.Cancel(id) ? TypedResults.NoContent() : Answer.Error(409, "There is no such job, or it is over."));
        group.MapPost("/runs", SetRunAsync);
        group.MapGet("/runners", ShowRunners);
        group.MapPost("/runners/{id:long}/hide", HideAsync);
        group.MapGet("/requests", (SeenRequests seen) => seen.Show());
        group.MapDelete("/requests", (SeenRequests seen) => seen.Clear());
        group.MapPost("/faults", AddFaultAsync);
        group.MapGet("/faults", (FaultList faults) =>
            Answer.Json(Answer.Array(faults.Left().Select(fault => JsonSerializer.SerializeToNode(fault, SimulatorJson.Default.Fault)))));
        group.MapDelete("/faults", (FaultList faults) => faults.Clear());
        group.MapPost("/revoke-installation-tokens", (Callers callers) => callers.RevokeMinted());
    }

    private static async Task<IResult> QueueAsync(HttpRequest request, Board board, JobLogs logs)
    {
        if (await Answer.ReadAsync(request, SimulatorJson.Default.JobRequest) is not { } asked)
        {
            return Answer.Error(400, "Send JSON: {\"repository\":\"o/r\",\"labels\":[\"l\"],\"script\":\"echo hi\"}");
        }
        if (asked.Refusal() is { } refusal)
        {
            return Answer.Error(422, refusal);
        }
        var job = board.Queue(asked.Repository!, asked.Labels!, asked.Name ?? "simulated job", asked.Script!, asked.RunId);
        return Answer.Json(Describe(job, logs), StatusCodes.Status201Created);
    }

    private static async Task<IResult> SetRunAsync(HttpRequest request, Board board)
    {
        if (await Answer.ReadAsync(request, SimulatorJson.Default.RunRequest) is not { Repository: { } repository } asked)
        {
            return Answer.Error(400, "Send JSON: {\"repository\":\"o/r\",\"id\":7,\"attempt\":1,\"status\":\"completed\",\"conclusion\":\"cancelled\"}");
        }
        var run = board.SetRun(repository, asked.Id, asked.Attempt ?? 1, asked.Status ?? "in_progress", asked.Conclusion);
        return Answer.Json(JobEndpoints.DescribeRun(run), StatusCodes.Status201Created);
    }

    private static async Task<IResult> HideAsync(long id, HttpRequest request, Board board)
    {
        if (await Answer.ReadAsync(request, SimulatorJson.Default.HideRequest) is not { Seconds: { } seconds })
        {
            return Answer.Error(400, "Send JSON: {\"seconds\":180}");
        }
        board.Hide(id, TimeSpan.FromSeconds(seconds));
        return TypedResults.NoContent();
    }

    /// <summary>With `?wait=in_progress` or `?wait=completed` the answer comes when that is reached, at the latest after a minute.</summary>
    private static async Task<IResult> ShowAsync(long id, string? wait, HttpContext context, Board board, JobLogs logs)
    {
        var wanted = wait switch
        {
            "in_progress" => JobState.InProgress,
            "completed" => JobState.Completed,
            _ => JobState.Queued,
        };
        await board.WaitForAsync(() => board.Job(id) is { } job && job.State < wanted ? null : board, LongestWait, context.RequestAborted);
        return board.Job(id) is { } found ? Answer.Json(Describe(found, logs)) : Answer.Error(404, "There is no such job.");
    }

    private static IResult ShowRunners(Board board, TimeProvider time) => Answer.Json(Answer.Array(board.Runners(null).Select(runner =>
    {
        var shown = RunnerEndpoints.Describe(runner, time.GetUtcNow());
        shown["repository"] = runner.Repository;
        return shown;
    })));

    private static async Task<IResult> AddFaultAsync(HttpRequest request, FaultList faults)
    {
        if (await Answer.ReadAsync(request, SimulatorJson.Default.Fault) is not { } fault)
        {
            return Answer.Error(400, "Send JSON: {\"path\":\"generate-jitconfig\",\"status\":503,\"times\":2}");
        }
        try
        {
            faults.Add(fault);
            return TypedResults.NoContent();
        }
        catch (Exception e) when (e is RegexParseException or NotSupportedException)
        {
            return Answer.Error(422, $"Not a pattern that can be used: {e.Message}");
        }
    }

    private static JsonObject Describe(SimulatedJob job, JobLogs logs)
    {
        var shown = JobEndpoints.Describe(job);
        shown["repository"] = job.Repository;
        shown["log"] = logs.Text(job.JobId);
        return shown;
    }
}
