using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Provisioner.GitHubSimulator.Control;
using Provisioner.GitHubSimulator.Faults;
using Provisioner.GitHubSimulator.Oidc;
using Provisioner.GitHubSimulator.Rest;
using Provisioner.GitHubSimulator.RunnerSide;
using Provisioner.GitHubSimulator.State;
using Provisioner.GitHubSimulator.Webhooks;

namespace Provisioner.GitHubSimulator;

/// <summary>The part of GitHub that we talk to, listening. The program is one of these, and so is each test's.</summary>
internal sealed class Simulator : IAsyncDisposable
{
    private readonly WebApplication app;

    private Simulator(WebApplication app) => this.app = app;

    /// <summary>Our address; GitHub's REST API is below /api/v3/, as at a GitHub Enterprise Server.</summary>
    public Uri Url => app.Services.GetRequiredService<Addresses>().Own;

    public Board Board => app.Services.GetRequiredService<Board>();

    public FaultList Faults => app.Services.GetRequiredService<FaultList>();

    public SeenRequests Seen => app.Services.GetRequiredService<SeenRequests>();

    public JobLogs Logs => app.Services.GetRequiredService<JobLogs>();

    public Callers Callers => app.Services.GetRequiredService<Callers>();

    public static async Task<Simulator> StartAsync(SimulatorOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var app = Build(options, time);
        app.Services.GetRequiredService<Callers>(); // a key that is none shall stop us now, not at the first call
        await app.StartAsync(cancellationToken);
        var listening = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        app.Services.GetRequiredService<Addresses>().Own = new Uri(listening.Addresses.First() + "/");
        return new Simulator(app);
    }

    public Task WaitForShutdownAsync(CancellationToken cancellationToken) => app.WaitForShutdownAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }

    private static WebApplication Build(SimulatorOptions options, TimeProvider time)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // what stops the start is said by the command line
        builder.WebHost.ConfigureKestrel(kestrel => Configure(kestrel, options));
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1)); // polls would be waited for
        builder.Services.AddSingleton(options).AddSingleton(time)
            .AddSingleton<Addresses>().AddSingleton<SigningKey>()
            .AddSingleton<Board>().AddSingleton<Callers>().AddSingleton<Installations>().AddSingleton<RestHeaders>()
            .AddSingleton<RunnerKeys>().AddSingleton<JitConfig>().AddSingleton<JobMessage>().AddSingleton<RunnerIdentity>().AddSingleton<JobLogs>()
            .AddSingleton<FaultList>().AddSingleton<SeenRequests>()
            .AddHostedService<BoardFile>().AddHostedService<WorkflowJobWebhook>();
        var app = builder.Build();
        AddMiddleware(app);
        MapEndpoints(app);
        return app;
    }

    private static void Configure(KestrelServerOptions kestrel, SimulatorOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Listen(options.Listen, options.Port);
    }

    private static void AddMiddleware(WebApplication app)
    {
        app.Use(app.Services.GetRequiredService<SeenRequests>().NoteAsync);
        app.Use((context, next) =>
        {
            // The blob client of runners writes two slashes after the host.
            if (context.Request.Path.Value is { } path && path.StartsWith("//", StringComparison.Ordinal))
            {
                context.Request.Path = "/" + path.TrimStart('/');
            }
            return next(context);
        });
        app.UsePathBase("/api/v3");
        app.Use((context, next) =>
        {
            context.RequestServices.GetRequiredService<RestHeaders>().AddTo(context);
            return next(context);
        });
        app.UseFaults();
        app.UseRouting();
    }

    private static void MapEndpoints(WebApplication app)
    {
        app.MapApp();
        app.MapRunners();
        app.MapJobs();
        app.MapGet("/rate_limit", (RestHeaders headers) => headers.Show());
        app.MapRunnerToken();
        app.MapBroker();
        app.MapRunService();
        app.MapResults();
        app.MapOidc();
        app.MapControl();
        app.MapFallback(() => Answer.Error(404, "Not Found"));
    }
}
