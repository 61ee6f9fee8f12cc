using System.Text.Json.Nodes;

namespace Provisioner.RunnerStandIn;

/// <summary>Uploads a step's log: asks for an address, writes the log there, says that it is whole. A lost log fails no job.</summary>
internal sealed class LogUpload(HttpClient http, Terminal terminal, TimeProvider time)
{
    private const string Receiver = "twirp/results.services.receiver.Receiver/";

    public async Task SendAsync(Job job, Step step, StepLog log, CancellationToken cancellationToken)
    {
        if (job.Results is not { } results)
        {
            return;
        }
        try
        {
            var signed = await http.CallAsync(
                HttpMethod.Post, new Uri(results, Receiver + "GetStepLogsSignedBlobURL"), job.Token, Ids(job, step), cancellationToken);
            await PutAsync(new Uri(signed!.Text("logs_url")), log.ToUtf8(), cancellationToken);
            var done = Ids(job, step);
            done["uploaded_at"] = $"{time.GetUtcNow().UtcDateTime:O}";
            done["line_count"] = log.Lines;
            await http.CallAsync(HttpMethod.Post, new Uri(results, Receiver + "CreateStepLogsMetadata"), job.Token, done, cancellationToken);
        }
        catch (Exception e) when (e is ServiceException or HttpRequestException or FormatException)
        {
            terminal.Error($"the log could not be uploaded: {e.Message}");
        }
    }

    private async Task PutAsync(Uri url, byte[] content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, url) { Content = new ByteArrayContent(content) };
        request.Headers.Add("x-ms-blob-type", "BlockBlob");
        await http.CallAsync(request, cancellationToken);
    }

    private static JsonObject Ids(Job job, Step step) => new()
    {
        ["workflow_job_run_backend_id"] = job.JobId,
        ["workflow_run_backend_id"] = job.PlanId,
        ["step_backend_id"] = step.Id,
    };
}
