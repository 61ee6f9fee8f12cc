using OpenTelemetry.Metrics;

namespace Provisioner.Server.Observability;

/// <summary>What Prometheus reads, and how: the server's own figures, those of its libraries, and those of its HTTP side.</summary>
internal static class MetricsSetup
{
    // From a clone of some milliseconds to a job of a day.
    private static readonly double[] Seconds = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600, 10800, 86400];

    public static void AddServerMetrics(this IServiceCollection services)
    {
        services.AddSingleton<HostMetrics>();
        services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(ServerMeter.Name, HostMetrics.Name, "Provisioner.GitHub", "Provisioner.Hypervisors", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime")
            .AddView("vbdp.*", new ExplicitBucketHistogramConfiguration { Boundaries = Seconds })
            .AddPrometheusExporter(exporter => exporter.ScrapeEndpointPath = null));
    }
}
