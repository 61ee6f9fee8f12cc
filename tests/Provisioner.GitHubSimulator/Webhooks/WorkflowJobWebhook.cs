using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Provisioner.GitHubSimulator.Rest;
using Provisioner.GitHubSimulator.State;

namespace Provisioner.GitHubSimulator.Webhooks;

/// <summary>Tells the configured address about jobs. As GitHub does, it tells once: what is not taken is lost.</summary>
internal sealed partial class WorkflowJobWebhook(Board board, SimulatorOptions options, TimeProvider time, ILogger<WorkflowJobWebhook> logger)
    : BackgroundService
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        await foreach (var happened in board.Events.ReadAllAsync(stoppingToken))
        {
            if (options.WebhookUrl is { } url)
            {
                await DeliverAsync(http, url, happened, stoppingToken);
            }
        }
    }

    private async Task DeliverAsync(HttpClient http, Uri url, JobEvent happened, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var request = Compose(url, happened);
            using var response = await http.SendAsync(request, either.Token);
            LogDelivered(happened.Action, happened.Job.Id, (int)response.StatusCode);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogLost(happened.Action, happened.Job.Id, e.Message);
        }
    }

    private HttpRequestMessage Compose(Uri url, JobEvent happened)
    {
        var body = Encoding.UTF8.GetBytes(Payload(happened).ToJsonString());
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.UserAgent.ParseAdd("GitHub-Hookshot/simulated");
        request.Headers.Add("X-GitHub-Event", "workflow_job");
        request.Headers.Add("X-GitHub-Delivery", Guid.NewGuid().ToString());
        if (options.WebhookSecret is { } secret)
        {
            var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body);
            request.Headers.Add("X-Hub-Signature-256", $"sha256={Convert.ToHexStringLower(signature)}");
        }
        return request;
    }

    private static JsonObject Payload(JobEvent happened)
    {
        var parts = happened.Job.Repository.Split('/');
        return new JsonObject
        {
            ["action"] = happened.Action,
            ["workflow_job"] = JobEndpoints.Describe(happened.Job),
            ["repository"] = new JsonObject
            {
                ["name"] = parts[1],
                ["full_name"] = happened.Job.Repository,
                ["private"] = true,
                ["owner"] = new JsonObject { ["login"] = parts[0], ["type"] = "Organization" },
            },
            ["sender"] = new JsonObject { ["login"] = "simulator" },
        };
    }

    [LoggerMessage(LogLevel.Debug, "Webhook {Action} of job {Job} was answered with {Status}")]
    private partial void LogDelivered(string action, long job, int status);

    [LoggerMessage(LogLevel.Warning, "Webhook {Action} of job {Job} was lost: {Reason}")]
    private partial void LogLost(string action, long job, string reason);
}
