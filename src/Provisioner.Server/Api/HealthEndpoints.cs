using Provisioner.Hypervisors;
using Provisioner.Server.Store;

namespace Provisioner.Server.Api;

/// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: it can do its work, or why not. Neither needs a token; neither tells more than a word.</summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", () => TypedResults.Text("ok\n")).WithTags("Operations").WithName("health").WithSummary("The process answers");
        app.MapGet("/readyz", ReadyAsync).WithTags("Operations").WithName("ready").WithSummary("The server can do its work").Produces<string>(200, "text/plain").Produces<string>(503, "text/plain");
    }

    private static async Task<IResult> ReadyAsync(IHypervisor hypervisor, Database database, TimeProvider time, CancellationToken cancellationToken)
    {
        using (database.Open())
        {
            // Opening it is the question.
        }

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            var health = await hypervisor.CheckAsync(either.Token);
            return health.CanStart ? TypedResults.Text("ready\n") : NotReady("hypervisor cannot start VMs");
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return NotReady("hypervisor does not answer");
        }
        catch (HypervisorException)
        {
            return NotReady("hypervisor fails");
        }
    }

    private static IResult NotReady(string word) => TypedResults.Text($"not ready: {word}\n", statusCode: 503);
}
