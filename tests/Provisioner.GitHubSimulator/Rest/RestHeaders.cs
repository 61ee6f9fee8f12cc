using System.Globalization;
using System.Text.Json.Nodes;

namespace Provisioner.GitHubSimulator.Rest;

/// <summary>The headers that every answer of GitHub has: a request id, and how much of the hour's calls is left.</summary>
internal sealed class RestHeaders(TimeProvider time)
{
    private const int Limit = 5000;

    private int used;

    public static JsonObject Resource(int used, long reset) => new()
    {
        ["limit"] = Limit,
        ["used"] = used,
        ["remaining"] = Limit - used,
        ["reset"] = reset,
    };

    public void AddTo(HttpContext context)
    {
        // A count that runs out would make long demos fail; faults on demand simulate that.
        var spent = Math.Min(Interlocked.Increment(ref used), Limit - 1);
        var headers = context.Response.Headers;
        headers["X-GitHub-Request-Id"] = $"SIM:{Guid.NewGuid():N}"[..20].ToUpperInvariant();
        headers["x-ratelimit-limit"] = Text(Limit);
        headers["x-ratelimit-used"] = Text(spent);
        headers["x-ratelimit-remaining"] = Text(Limit - spent);
        headers["x-ratelimit-reset"] = Text(Reset());
        headers["x-ratelimit-resource"] = context.Request.Path.Value!.EndsWith("/generate-jitconfig", StringComparison.Ordinal)
            ? "actions_runner_registration"
            : "core";
    }

    public IResult Show() => Answer.Json(new JsonObject
    {
        ["resources"] = new JsonObject
        {
            ["core"] = Resource(Math.Min(used, Limit - 1), Reset()),
            ["actions_runner_registration"] = Resource(0, Reset()),
        },
    });

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private long Reset() => time.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
}
