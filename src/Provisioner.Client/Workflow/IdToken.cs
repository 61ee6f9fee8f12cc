using System.Net.Http.Headers;
using System.Text.Json;
using Provisioner.Client.Api;

namespace Provisioner.Client.Workflow;

/// <summary>
/// Proves which workflow this is, by a token that GitHub signs for the server's audience. A new one for each request: the server takes
/// each for one change only. It is masked before anybody else sees it.
/// </summary>
internal sealed class IdToken(Uri source, string bearer, string audience, Action<string> mask, TimeProvider time) : Credential
{
    private const int LargestReply = 64 * 1024;
    private const int LongestToken = 16 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public override async Task<string?> GetTokenAsync(CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            var token = await FetchAsync(either.Token);
            mask(token);
            return token;
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw Unreachable(error.Message.TrimEnd('.'));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw Unreachable($"no answer within {Patience.TotalSeconds:0} s");
        }
    }

    public override string ToString() => $"identity token for {audience}";

    private async Task<string> FetchAsync(CancellationToken cancellation)
    {
        // It carries the job's own token: followed to another address it would be given away.
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = LargestReply };
        using var request = new HttpRequestMessage(HttpMethod.Get, Address());
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", bearer);
        request.Headers.Accept.ParseAdd("application/json");
        using var response = await http.SendAsync(request, cancellation);
        var status = (int)response.StatusCode;
        return status is >= 500 or 429 ? throw Unreachable($"it answered {status}")
            : status != 200 ? throw Refused($"GitHub refused to give this job an identity token: it answered {status}.")
            : Read(await response.Content.ReadAsByteArrayAsync(cancellation));
    }

    private Uri Address() => new($"{source.AbsoluteUri}{(source.Query.Length > 0 ? '&' : '?')}audience={Uri.EscapeDataString(audience)}");

    private static string Read(byte[] reply)
    {
        try
        {
            using var document = JsonDocument.Parse(reply);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("value", out var value) && value.ValueKind == JsonValueKind.String
                && value.GetString() is { Length: > 0 and <= LongestToken } token && token.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
                    ? token
                    : throw Refused("GitHub answered something that holds no identity token.");
        }
        catch (JsonException)
        {
            throw Refused("GitHub answered something that holds no identity token.");
        }
    }

    private static ClientException Refused(string cause) =>
        new(ExitCode.Denied, "No identity token", cause, "See that the job has 'permissions: { id-token: write }', and githubstatus.com; or give an API token as api-token.") { Unsent = true };

    private static ClientException Unreachable(string why) =>
        new(ExitCode.Unreachable, "No identity token", $"GitHub gave this job no identity token: {why}.", "See githubstatus.com, or give an API token as api-token.")
        {
            Transient = true,
            Unsent = true,
        };
}
