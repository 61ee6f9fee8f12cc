using System.Net;
using System.Text.Json;
using Provisioner.Contracts;

namespace Provisioner.Client.Api;

/// <summary>Says in words why the server refused: its own words where it gave them.</summary>
internal static class ProblemFault
{
    public static async Task<ClientException> ExplainAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var problem = await ReadAsync(response, cancellation);
        var status = (int)response.StatusCode;
        var cause = problem?.Detail ?? problem?.Title
            ?? $"The server answered {status} {response.ReasonPhrase} without saying why, as a proxy in between or another program would.";
        foreach (var (field, errors) in problem?.Errors ?? new Dictionary<string, string[]>())
        {
            cause += cause.Contains(errors[0], StringComparison.Ordinal) ? "" : $" {field}: {string.Join(' ', errors)}";
        }

        return new ClientException(
            CodeOf(problem?.Code, response.StatusCode),
            $"{problem?.Title ?? "Refused by the server"} ({problem?.Code ?? $"HTTP {status}"})",
            cause,
            problem?.Remedy ?? RemedyOf(response.StatusCode))
        {
            Problem = problem?.Code,
            Transient = problem is null ? status is 502 or 503 or 504 : status is 429 || problem.Code is ProblemCode.StoreUnavailable or ProblemCode.IssuerUnavailable,
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    public static ExitCode CodeOf(string? problem, HttpStatusCode? status = null) => (problem, status) switch
    {
        (ProblemCode.InvalidRequest or ProblemCode.TooLarge, _) => ExitCode.Usage,
        (ProblemCode.DiskFull or ProblemCode.NeverFits or ProblemCode.QueueFull or ProblemCode.QueueTimeout, _) => ExitCode.Capacity,
        (ProblemCode.ImageUnusable or ProblemCode.HardwareAbsent or ProblemCode.SnapshotMissing or ProblemCode.CannotStart, _) => ExitCode.Host,
        (ProblemCode.HypervisorMissing or ProblemCode.HypervisorTimeout or ProblemCode.HypervisorFailed, _) => ExitCode.Host,
        (ProblemCode.GuestSilent or ProblemCode.LifetimeOver, _) => ExitCode.Timeout,
        (_, HttpStatusCode.NotFound) => ExitCode.NotFound,
        (_, HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden) => ExitCode.Denied,
        (_, HttpStatusCode.TooManyRequests or HttpStatusCode.InsufficientStorage) => ExitCode.Capacity,
        (null, HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout) => ExitCode.Unreachable,
        _ => ExitCode.Failure,
    };

    private static async Task<ProblemView?> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        if (response.Content.Headers.ContentType?.MediaType is not "application/problem+json")
        {
            return null;
        }

        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellation);
            return await JsonSerializer.DeserializeAsync(body, WireJson.Default.ProblemView, cancellation);
        }
        catch (Exception error) when (error is JsonException or HttpRequestException or IOException)
        {
            return null;
        }
    }

    private static string RemedyOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized => "Make a token on the server (virtualbox-server token create) and give it here.",
        HttpStatusCode.Forbidden => "Ask the operator of the server for a token that covers this repository and image.",
        HttpStatusCode.NotFound => "Check the address of the server and the id.",
        HttpStatusCode.TooManyRequests => "Wait a little, and start fewer jobs at once.",
        HttpStatusCode.ServiceUnavailable => "See the server's /readyz and its log.",
        _ => "See the server's log.",
    };
}
