using System.Net.Http.Headers;
using Provisioner.Server.Configuration;

namespace Provisioner.Tests.Server;

/// <summary>Calls in the format of the Go version, as its client made them: no credential, and the path as it is.</summary>
internal static class LegacyCalls
{
    public const string Success = "200 text/plain; charset=utf-8: Success";
    public const string NoMachine = """400 application/json; charset=utf-8: {"errMsg":"machine does not exist"}""";
    public const string NoId = """400 application/json; charset=utf-8: {"errMsg":"No VM ID present in the api URL params"}""";
    public const string NoPage = "404 text/plain: 404 page not found";

    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public static void Allow(ServerOptions options) => options.Legacy = new LegacyOptions
    {
        Enabled = true,
        Networks = ["10.0.0.0/8", "127.0.0.0/8"],
        Repositories = ["acme/gpu"],
        Images = ["debian-12"],
    };

    /// <summary>Status, content type and body of the answer, in one line.</summary>
    public static async Task<string> CallAsync(this RunningServer server, string path, string method = "GET", string? forwardedFor = null, bool authorized = false)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Http.BaseAddress!.GetLeftPart(UriPartial.Authority) + path, AsItIs));
        request.Headers.Authorization = authorized ? server.Http.DefaultRequestHeaders.Authorization : new AuthenticationHeaderValue("None");
        if (forwardedFor is not null)
        {
            request.Headers.Add("X-Forwarded-For", forwardedFor);
            request.Headers.Add("Forwarded", $"for={forwardedFor}");
        }

        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return $"{(int)response.StatusCode} {response.Content.Headers.ContentType}: {body}";
    }

    /// <summary>A refusal in the format, which says all of these words.</summary>
    public static void AssertRefused(string answer, params string[] words)
    {
        Assert.StartsWith("""400 application/json; charset=utf-8: {"errMsg":""", answer, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, answer, StringComparison.Ordinal));
    }
}
