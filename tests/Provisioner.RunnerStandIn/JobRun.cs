using System.Text.Json.Nodes;

namespace Provisioner.RunnerStandIn;

/// <summary>Runs the steps of one job, one after the other, and reports how it ended.</summary>
internal sealed class JobRun(Job job, RunService service, LogUpload upload, TimeProvider time)
{
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(60);

    private readonly JsonArray results = [];

    /// <summary>
    /// Null when the service does not know the job: nothing was run then. The token given cancels the job; the result is then what
    /// <paramref name="whenStopped"/> says, because a cancelled job and one whose runner was stopped are told apart.
    /// </summary>
    public async Task<JobResult?> RunAsync(string folder, string runner, Func<JobResult> whenStopped, CancellationToken stop)
    {
        if (!await service.RenewAsync(job, CancellationToken.None))
        {
            return null;
        }
        using var done = new CancellationTokenSource();
        var renewing = RenewAsync(done.Token);
        var result = await RunStepsAsync(new StepProcess(folder, Environment(folder, runner), time), stop)
            ? JobResult.Succeeded
            : stop.IsCancellationRequested ? whenStopped() : JobResult.Failed;
        await done.CancelAsync();
        await renewing;
        await service.CompleteAsync(job, result, results, CancellationToken.None);
        return result;
    }

    private async Task<bool> RunStepsAsync(StepProcess process, CancellationToken stop)
    {
        foreach (var (index, step) in job.Steps.Index())
        {
            var log = new StepLog(time);
            log.Add($"##[group]Run {step.Script.Split('\n')[0]}");
            foreach (var line in step.Script.TrimEnd('\n').Split('\n'))
            {
                log.Add(line);
            }
            var started = time.GetUtcNow();
            var exitCode = await process.RunAsync(step, log, stop);
            if (exitCode != 0)
            {
                log.Add(stop.IsCancellationRequested ? "##[error]The operation was canceled." : $"##[error]Process completed with exit code {exitCode}.");
            }
            await upload.SendAsync(job, step, log, CancellationToken.None);
            results.Add((JsonNode)Describe(step, index + 1, exitCode == 0, started));
            if (exitCode != 0)
            {
                return false;
            }
        }
        return !stop.IsCancellationRequested;
    }

    private async Task RenewAsync(CancellationToken done)
    {
        using var timer = new PeriodicTimer(RenewEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(done))
            {
                await service.RenewAsync(job, done);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ServiceException or HttpRequestException)
        {
            // The job goes on: the service decides what a missed renewal means.
        }
    }

    private JsonObject Describe(Step step, int number, bool succeeded, DateTimeOffset started) => new()
    {
        ["external_id"] = step.Id,
        ["number"] = number,
        ["name"] = step.Name,
        ["status"] = "completed",
        ["conclusion"] = succeeded ? "succeeded" : "failed",
        ["started_at"] = $"{started.UtcDateTime:O}",
        ["completed_at"] = $"{time.GetUtcNow().UtcDateTime:O}",
    };

    private Dictionary<string, string> Environment(string folder, string runner) => new()
    {
        ["CI"] = "true",
        ["GITHUB_ACTIONS"] = "true",
        ["GITHUB_WORKSPACE"] = folder,
        ["GITHUB_REPOSITORY"] = job.GitHub("repository"),
        ["GITHUB_RUN_ID"] = job.GitHub("run_id"),
        ["GITHUB_REF"] = job.GitHub("ref"),
        ["GITHUB_SHA"] = job.GitHub("sha"),
        ["RUNNER_NAME"] = runner,
        ["RUNNER_OS"] = "Linux",
        ["RUNNER_ARCH"] = "X64",
        ["RUNNER_TEMP"] = Directory.CreateDirectory(Path.Combine(folder, "..", "..", "_temp")).FullName,
    };
}
