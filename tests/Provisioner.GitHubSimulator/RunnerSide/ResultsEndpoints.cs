using System.Text.Json.Nodes;

namespace Provisioner.GitHubSimulator.RunnerSide;

/// <summary>Where runners upload their logs: they ask for an address, then write to it as to an Azure blob.</summary>
internal static class ResultsEndpoints
{
    private const long SoftLimit = 1024 * 1024;

    private static readonly JsonNodeOptions AnyCase = new() { PropertyNameCaseInsensitive = true };

    public static void MapResults(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/results");
        group.MapPost("/twirp/{service}/{method}", CallAsync);
        group.MapPut("/blobs/{job:guid}/{part}", PutAsync);
    }

    private static async Task<IResult> CallAsync(
        string method, HttpRequest request, RunnerIdentity identity, Addresses addresses)
    {
        if (!await identity.IsKnownAsync(request))
        {
            return TypedResults.Unauthorized();
        }
        var asked = await JsonNode.ParseAsync(request.Body, AnyCase, cancellationToken: request.HttpContext.RequestAborted);
        var job = (string?)asked?["workflow_job_run_backend_id"];
        var step = (string?)asked?["step_backend_id"];
        return method switch
        {
            "GetStepLogsSignedBlobURL" => Signed("logs_url", addresses, job, step),
            "GetJobLogsSignedBlobURL" => Signed("logs_url", addresses, job, JobLogs.WholeJob),
            "GetStepSummarySignedBlobURL" => Signed("summary_url", addresses, job, JobLogs.Summary),
            _ => Answer.Json(new JsonObject { ["ok"] = true }),
        };
    }

    private static IResult Signed(string name, Addresses addresses, string? job, string? part) => Answer.Json(new JsonObject
    {
        // The runner adds to the query, so there must be one.
        [name] = new Uri(addresses.Results, $"blobs/{job}/{part}?sig=simulated").ToString(),
        ["blob_storage_type"] = "BLOB_STORAGE_TYPE_AZURE",
        ["soft_size_limit"] = SoftLimit,
    });

    private static async Task<IResult> PutAsync(Guid job, string part, string? comp, HttpRequest request, JobLogs logs)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        switch (comp)
        {
            case null:
                logs.Replace(job, part, body.ToArray());
                break;
            case "appendblock":
                logs.Append(job, part, body.ToArray());
                break;
        }
        request.HttpContext.Response.Headers.ETag = $"\"{Guid.NewGuid():N}\"";
        return TypedResults.StatusCode(StatusCodes.Status201Created);
    }
}
