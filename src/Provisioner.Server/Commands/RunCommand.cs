using Provisioner.Server.Access;
using Provisioner.Server.Api;
using Provisioner.Server.Configuration;
using Provisioner.Server.Dashboard;
using Provisioner.Server.Observability;
using Provisioner.Server.Store;
using Provisioner.Server.Tls;
using Provisioner.Server.Vms;

namespace Provisioner.Server.Commands;

/// <summary>Runs the server until it is told to stop.</summary>
internal static class RunCommand
{
    public static async Task<int> RunAsync(RunSettings settings, CancellationToken cancellationToken)
    {
        // The command line knows of this run only when it has its task: a signal before that ends the process at once, with nothing put in order.
        await Task.Yield();
        var (options, errors) = ConfigurationReader.Read(settings.ConfigurationFile, Environment.GetEnvironmentVariables(), settings.Flags);
        if (options is null)
        {
            return await RefuseAsync(errors);
        }

        try
        {
            FolderWay.Check(options);
            using var folder = DataFolder.Lock(options);
            MachineFolder.Claim(options);
            await using var app = Build(Completed(options));
            await app.StartAsync(cancellationToken);
            Console.WriteLine($"Listening on {string.Join(", ", app.Urls)}");
            await app.WaitForShutdownAsync(cancellationToken);
            return app.Services.GetRequiredService<Database>().Host.Lost.IsCancellationRequested ? ExitCodes.Failed : ExitCodes.Done;
        }
        catch (Exception problem) when (problem is CertificateException or DataFolderException)
        {
            return await RefuseAsync([problem.Message]);
        }
        catch (StoreException problem)
        {
            // What may mend itself is tried again by the service manager; what does not is refused.
            var code = await RefuseAsync([problem.Message]);
            return problem.Fault is StoreFault.Busy or StoreFault.Full or StoreFault.Unreachable ? ExitCodes.Failed : code;
        }
        catch (IOException problem)
        {
            await Console.Error.WriteLineAsync($"virtualbox-server: cannot listen on {options.Host}:{options.Port}: {problem.Message}");
            return ExitCodes.Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Done; // asked to stop before it listened
        }
    }

    /// <summary>Everything but starting: what tests start in their own process.</summary>
    public static WebApplication Build(ServerOptions options) => Build(options, TimeProvider.System, _ => { });

    /// <param name="options">The whole configuration.</param>
    /// <param name="real">The clocks of the host.</param>
    /// <param name="replace">Puts other parts in the place of some.</param>
    public static WebApplication Build(ServerOptions options, TimeProvider real, Action<IServiceCollection> replace)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.Sources.Clear();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listener.Configure(kestrel, options));
        builder.Services.AddSystemd();
        builder.Logging.AddServerLogging();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(services => new ServerCertificate(options, TimeProvider.System, services.GetRequiredService<ILogger<ServerCertificate>>()));
        builder.Services.AddSingleton(new OpenConnections(options.Limits));
        builder.Services.AddSingleton(new SteadyClock(real));
        builder.Services.AddSingleton<TimeProvider>(services => services.GetRequiredService<SteadyClock>());
        builder.Services.AddWatchdog();
        builder.Services.AddVms();
        builder.Services.AddPolicy();
        builder.Services.AddAccess(options, real);
        builder.Services.AddApi(options);
        builder.Services.AddServerMetrics();
        builder.AddServerTraces();
        builder.Services.AddDashboard();
        replace(builder.Services);
        var app = builder.Build();
        app.MapApi();
        app.MapDashboard();
        return app;
    }

    /// <summary>A rehearsal needs an image to ask for: without one in the configuration there is one named demo.</summary>
    private static ServerOptions Completed(ServerOptions options) =>
        options is { Hypervisor: HypervisorKind.Simulated, Images.Count: 0 }
            ? options with { Images = new() { ["demo"] = new ImageOptions { Source = "demo" } } }
            : options;

    private static async Task<int> RefuseAsync(IReadOnlyList<string> errors)
    {
        await Console.Error.WriteLineAsync("virtualbox-server cannot start:");
        foreach (var error in errors)
        {
            await Console.Error.WriteLineAsync($"  - {error}");
        }

        return ExitCodes.Refused;
    }
}
