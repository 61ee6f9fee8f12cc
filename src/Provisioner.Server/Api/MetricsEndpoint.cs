using Provisioner.Contracts;
using Provisioner.Server.Observability;

namespace Provisioner.Server.Api;

/// <summary><c>GET /metrics</c>: the figures of this server for Prometheus, to those who may see the whole host.</summary>
internal static class MetricsEndpoint
{
    public static void MapMetrics(this WebApplication app)
    {
        var scrape = ((IApplicationBuilder)app).New().UseOpenTelemetryPrometheusScrapingEndpoint(_ => true).Build();
        app.MapGet("/metrics", (HttpContext context, HostMetrics gauges) => WriteAsync(context, scrape)).WithName("metrics").WithTags("Operations").WithSummary("Figures for Prometheus")
            .Produces<string>(200, "text/plain").Produces<ProblemView>(401, "application/problem+json").Produces<ProblemView>(403, "application/problem+json")
            .AddEndpointFilter(app.Services.GetRequiredService<TokenAuthentication>());
    }

    private static async Task<IResult> WriteAsync(HttpContext context, RequestDelegate scrape)
    {
        if (context.Caller.Grant.Limits.Role is null)
        {
            return Problems.Of(ProblemCode.Forbidden, "This caller may not read metrics.", "Make a token for it: virtualbox-server token create --name prometheus --role viewer");
        }

        context.Features.Get<Tls.OpenConnection>()?.Admit();
        await scrape(context);
        return Results.Empty;
    }
}
