using System.Globalization;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.RateLimiting;
using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Audit;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Server.Tls;

namespace Provisioner.Server.Api;

/// <summary>The HTTP side: limits, routes, and one shape for all errors.</summary>
internal static class ApiSetup
{
    public static void AddApi(this IServiceCollection services, ServerOptions options)
    {
        services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, WireJson.Default));
        services.AddSingleton<VmRequests>();
        services.AddSingleton<VmViews>();
        services.AddSingleton<VmExtension>();
        services.AddSingleton<HostViews>();
        services.AddSingleton<Readiness>();
        services.AddSingleton(parts => new TokenAuthentication(
            parts.GetRequiredService<TokenTable>(), parts.GetRequiredService<Refusals>(), parts.GetService<WorkflowAuthentication>(), parts.GetService<CertificateAuthentication>()));
        services.AddSingleton(parts => new CallerLimit(new CallerBuckets(options.Limits, parts.GetRequiredService<TimeProvider>())));
        services.AddSingleton<DenialRecord>();
        services.AddSingleton(parts => new CredentialEnd(
            parts.GetRequiredService<TokenTable>(), parts.GetService<ClientCertificates>(), parts.GetRequiredService<TimeProvider>()));
        services.AddHostedService(parts => parts.GetRequiredService<CredentialEnd>());
        services.AddSingleton<LegacyCallers>();
        services.AddSingleton<LegacyWait>();
        services.AddSingleton<LegacyVms>();
        services.AddDescription(options);
        services.AddRateLimiter(limiter =>
        {
            limiter.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, string>(context => RateLimitPartition.GetTokenBucketLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "",
                _ => new TokenBucketRateLimiterOptions
                {
                    TokenLimit = options.Limits.Burst,
                    TokensPerPeriod = options.Limits.RequestsPerSecond,
                    ReplenishmentPeriod = TimeSpan.FromSeconds(1),
                }));
            limiter.OnRejected = RejectAsync;
        });
    }

    public static void MapApi(this WebApplication app)
    {
        app.Use((context, next) =>
        {
            // As it starts: an answer that is an error begins with its headers cleared.
            context.Response.OnStarting(() =>
            {
                context.Response.Headers.StrictTransportSecurity = "max-age=31536000";
                return Task.CompletedTask;
            });
            return next(context);
        });
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = FaultAsync,
            SuppressDiagnosticsCallback = fault => fault.Exception is BadHttpRequestException or StoreException or InvalidDataException, // the caller's mistake; the store's, logged in one line
        });
        app.UseStatusCodePages(context => UnknownAsync(context.HttpContext));
        app.UseRateLimiter();
        app.MapHealth();
        app.MapMetrics();
        app.MapOpenApi();
        app.MapLegacy();
        var api = app.MapGroup("/v1").AddEndpointFilter(ForeignPage.RefuseAsync).AddEndpointFilter(app.Services.GetRequiredService<TokenAuthentication>()).AddEndpointFilter(app.Services.GetRequiredService<CallerLimit>());
        api.MapVms(app.Services.GetRequiredService<DenialRecord>());
        api.MapImages();
        api.MapHosts();
    }

    private static async ValueTask RejectAsync(OnRejectedContext context, CancellationToken cancellationToken)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
        context.HttpContext.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        await Problems.WriteAsync(
            context.HttpContext, ProblemCode.TooManyRequests, "Too many requests came from this address.", "Wait for the seconds in Retry-After.");
    }

    private static Task FaultAsync(HttpContext context)
    {
        var problem = context.Features.Get<Microsoft.AspNetCore.Diagnostics.IExceptionHandlerFeature>()?.Error;
        return problem is StoreException store ? StoreFaults.AnswerAsync(context, store)
            : problem is InvalidDataException ? Problems.WriteAsync(context, ProblemCode.InvalidRequest, "The form could not be read.", "Send it as a browser does.")
            : problem is BadHttpRequestException { StatusCode: var status }
            ? status == StatusCodes.Status413PayloadTooLarge
                ? Problems.WriteAsync(context, ProblemCode.TooLarge, "The body is larger than 64 KiB.", "Send only what POST /v1/vms takes.")
                : Problems.WriteAsync(context, ProblemCode.InvalidRequest, "The request could not be read.", "See /openapi/v1.json.")
            : Problems.WriteAsync(context, ProblemCode.ServerFault, "The server met a fault of its own.", "See the server's log at this time, and report it.");
    }

    private static Task UnknownAsync(HttpContext context) => context.Response.StatusCode switch
    {
        404 => Problems.WriteAsync(context, ProblemCode.NotFound, "There is nothing at this address.", "See /openapi/v1.json for what there is."),
        405 => Problems.WriteAsync(context, ProblemCode.MethodNotAllowed, "This address does not take that method.", "See /openapi/v1.json for what it takes."),
        413 => Problems.WriteAsync(context, ProblemCode.TooLarge, "The body is larger than 64 KiB.", "Send only what POST /v1/vms takes."),
        415 => Problems.WriteAsync(context, ProblemCode.UnsupportedMediaType, "The body must be JSON.", "Send it with the header 'Content-Type: application/json'."),
        _ => Task.CompletedTask,
    };
}
