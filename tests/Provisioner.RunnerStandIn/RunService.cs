using System.Net;
using System.Text.Json.Nodes;

namespace Provisioner.RunnerStandIn;

/// <summary>Takes a job, keeps saying that it runs, tells how it ended.</summary>
internal sealed class RunService(HttpClient http, TimeProvider time, Uri url)
{
    private const int CompleteAttempts = 5;

    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(5);

    /// <summary>Null when the job is not there for us any more.</summary>
    public async Task<Job?> AcquireAsync(RunnerMessage offer, string token, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["jobMessageId"] = offer.Body.Text("runner_request_id"),
            ["runnerOS"] = "Linux",
            ["billingOwnerId"] = offer.Body["billing_owner_id"]?.ToString(),
        };
        try
        {
            return Job.From((await http.CallAsync(HttpMethod.Post, new Uri(url, "acquirejob"), token, body, cancellationToken))!);
        }
        catch (ServiceException e) when (e.Status is HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.UnprocessableEntity)
        {
            return null;
        }
    }

    /// <summary>False when the service knows of no such job.</summary>
    public async Task<bool> RenewAsync(Job job, CancellationToken cancellationToken)
    {
        try
        {
            await http.CallAsync(HttpMethod.Post, new Uri(url, "renewjob"), job.Token, Ids(job), cancellationToken);
            return true;
        }
        catch (ServiceException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    public async Task CompleteAsync(Job job, JobResult result, JsonArray steps, CancellationToken cancellationToken)
    {
        var body = Ids(job);
        body["conclusion"] = Word(result);
        body["outputs"] = new JsonObject();
        body["stepResults"] = steps;
        body["annotations"] = new JsonArray();
        body["telemetry"] = new JsonArray();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await http.CallAsync(HttpMethod.Post, new Uri(url, "completejob"), job.Token, body, cancellationToken);
                return;
            }
            catch (Exception e) when (attempt < CompleteAttempts && e is ServiceException or HttpRequestException)
            {
                await Task.Delay(BetweenAttempts, time, cancellationToken);
            }
        }
    }

    public static string Word(JobResult result) => result switch
    {
        JobResult.Succeeded => "succeeded",
        JobResult.Failed => "failed",
        JobResult.Canceled => "canceled",
    };

    private static JsonObject Ids(Job job) => new() { ["planId"] = job.PlanId, ["jobId"] = job.JobId };
}
