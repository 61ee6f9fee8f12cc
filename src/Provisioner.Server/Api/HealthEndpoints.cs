namespace Provisioner.Server.Api;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it can do its work, or why not. Neither needs a token; neither tells more than a word.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this WebApplication app)
    {
        var operations = app.MapGroup("").WithTags("Operations");
        operations.MapGet("/healthz", () => TypedResults.Text("ok\n")).WithName("health").WithSummary("The process answers");
        operations.MapGet("/readyz", ReadyAsync).WithName("ready").WithSummary("The server can do its work")
            .Produces<string>(200, "text/plain").Produces<string>(503, "text/plain");
    }

    private static async Task<IResult> ReadyAsync(Readiness readiness, CancellationToken cancellationToken) =>
        await readiness.FindProblemAsync(cancellationToken) is { } problem
            ? TypedResults.Text($"not ready: {problem}\n", statusCode: 503)
            : TypedResults.Text("ready\n");
}
