using System.Collections;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Provisioner.Server.Observability;

/// <summary>
/// Traces go to a collector where OpenTelemetry's own variables name one (<c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, and all others of its specification). Without
/// them nothing is collected and nothing is sent.
/// </summary>
internal static class TracesSetup
{
    private const string Prefix = "OTEL_";

    public static void AddServerTraces(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<VmTraces>();
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(pair => KeyValuePair.Create((string)pair.Key, (string?)pair.Value))
            .Where(pair => pair.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .ToList();
        if (!variables.Any(pair => pair.Key is "OTEL_EXPORTER_OTLP_ENDPOINT" or "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
        {
            return;
        }

        builder.Configuration.AddInMemoryCollection(variables);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("virtualbox-server").AddEnvironmentVariableDetector())
            .WithTracing(traces => traces
                .AddSource(VmTraces.Name, "Provisioner.Hypervisors", "System.Net.Http")
                // Streams stay open for hours, and who looks at the server's health asks without end.
                .AddAspNetCoreInstrumentation(requests => requests.Filter = context =>
                    context.Request.Path.StartsWithSegments("/v1") && !context.Request.Path.Value!.EndsWith("/events", StringComparison.Ordinal))
                .AddOtlpExporter());
    }
}
