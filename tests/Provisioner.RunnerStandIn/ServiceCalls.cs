using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Provisioner.RunnerStandIn;

/// <summary>One call to the service, and its answer or its refusal.</summary>
internal static class ServiceCalls
{
    /// <summary>Null when the answer has no content.</summary>
    public static async Task<JsonNode?> CallAsync(
        this HttpClient http, HttpMethod method, Uri url, string token, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, url);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }
        return await http.CallAsync(request, cancellationToken);
    }

    public static async Task<JsonNode?> CallAsync(this HttpClient http, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await http.SendAsync(request, cancellationToken);
        var content = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            return content.Length == 0 ? null : Json.Parse(content);
        }
        var error = TryParse(content);
        throw new ServiceException(
            response.StatusCode,
            (error?["errorKind"] ?? error?["error"])?.ToString(),
            (error?["errorMessage"] ?? error?["error_description"])?.ToString() ?? $"{request.RequestUri} answered {(int)response.StatusCode}");
    }

    private static JsonNode? TryParse(byte[] content)
    {
        try
        {
            return content.Length == 0 ? null : Json.Parse(content) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
