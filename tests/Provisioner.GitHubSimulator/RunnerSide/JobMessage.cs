using System.Text.Json.Nodes;
using Provisioner.GitHubSimulator.State;

namespace Provisioner.GitHubSimulator.RunnerSide;

/// <summary>Composes what a runner gets for a job: the offer, and after it took the job, everything needed to run one shell step.</summary>
internal sealed class JobMessage(Addresses addresses, SigningKey key, TimeProvider time)
{
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(6);

    public JsonObject Offer(SimulatedJob job) => Message(job.Id, "RunnerJobRequest", new JsonObject
    {
        ["id"] = job.JobId.ToString(),
        ["runner_request_id"] = job.RequestId.ToString(),
        ["should_acknowledge"] = true,
        ["run_service_url"] = addresses.Run.ToString(),
        ["billing_owner_id"] = "1",
    });

    public static JsonObject Cancellation(SimulatedJob job) => Message(job.Id + 1, "JobCancellation", new JsonObject
    {
        ["jobId"] = job.JobId.ToString(),
        ["timeout"] = "00:05:00",
    });

    public JsonObject Full(SimulatedJob job) => new()
    {
        ["messageType"] = "RunnerJobRequest",
        ["plan"] = new JsonObject
        {
            ["scopeIdentifier"] = job.PlanId.ToString(),
            ["planType"] = "actions",
            ["version"] = 13,
            ["planId"] = job.PlanId.ToString(),
        },
        ["timeline"] = new JsonObject { ["id"] = job.PlanId.ToString() },
        ["jobId"] = job.JobId.ToString(),
        ["jobDisplayName"] = job.Name,
        ["jobName"] = "job",
        ["requestId"] = job.Id,
        ["lockedUntil"] = $"{job.LockedUntil.UtcDateTime:O}",
        ["resources"] = new JsonObject { ["endpoints"] = new JsonArray(Connection(job)) },
        ["variables"] = Variables(job),
        ["contextData"] = new JsonObject { ["github"] = GitHubContext(job) },
        ["mask"] = new JsonArray(),
        ["fileTable"] = new JsonArray(".github/workflows/simulated.yml"),
        ["steps"] = new JsonArray(Step(job)),
    };

    private static JsonObject Message(long id, string type, JsonObject body) => new()
    {
        ["messageId"] = id,
        ["messageType"] = type,
        ["body"] = body.ToJsonString(), // a string that holds JSON, not an object
    };

    private JsonObject Connection(SimulatedJob job) => new()
    {
        ["name"] = "SystemVssConnection",
        ["url"] = addresses.Run.ToString(),
        ["authorization"] = new JsonObject
        {
            ["scheme"] = "OAuth",
            ["parameters"] = new JsonObject { ["AccessToken"] = JobToken(job) },
        },
        ["data"] = new JsonObject(),
    };

    private string JobToken(SimulatedJob job) => key.Sign(new JsonObject
    {
        ["iss"] = "simulated-run-service",
        ["sub"] = job.JobId.ToString(),
        ["scp"] = $"Actions.Results:{job.PlanId}:{job.JobId}",
        ["exp"] = (time.GetUtcNow() + TokenLifetime).ToUnixTimeSeconds(),
    });

    private JsonObject Variables(SimulatedJob job) => new()
    {
        ["system.github.token"] = Variable(JobToken(job), secret: true),
        ["system.github.job"] = Variable("job"),
        ["system.github.results_endpoint"] = Variable(addresses.Results.ToString()),
    };

    private static JsonObject Variable(string value, bool secret = false) => new() { ["value"] = value, ["isSecret"] = secret };

    private JsonObject GitHubContext(SimulatedJob job) => Dictionary(
        ("repository", job.Repository),
        ("repository_owner", job.Repository.Split('/')[0]),
        ("run_id", $"{job.RunId}"),
        ("run_number", "1"),
        ("run_attempt", "1"),
        ("workflow", "simulated"),
        ("event_name", "workflow_dispatch"),
        ("actor", "simulator"),
        ("ref", "refs/heads/main"),
        ("ref_name", "main"),
        ("ref_type", "branch"),
        ("sha", new string('0', 40)),
        ("server_url", addresses.Runners.ToString().TrimEnd('/')),
        ("api_url", new Uri(addresses.Runners, "api/v3").ToString()));

    // The runner's own notation of a dictionary: type 2, pairs of k and v.
    private static JsonObject Dictionary(params (string Key, string Value)[] pairs) => new()
    {
        ["t"] = 2,
        ["d"] = Answer.Array(pairs.Select(pair => new JsonObject { ["k"] = pair.Key, ["v"] = pair.Value })),
    };

    private static JsonObject Step(SimulatedJob job) => new()
    {
        ["type"] = "action",
        ["id"] = job.StepId.ToString(),
        ["name"] = "__run",
        ["contextName"] = "__run",
        ["enabled"] = true,
        ["condition"] = "success()",
        ["reference"] = new JsonObject { ["type"] = "script" },
        ["inputs"] = new JsonObject
        {
            ["type"] = 2,
            ["map"] = new JsonArray(new JsonObject { ["Key"] = "script", ["Value"] = job.Script }),
        },
    };
}
