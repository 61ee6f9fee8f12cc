using Microsoft.Extensions.Hosting.Systemd;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;

namespace Provisioner.Server.Observability;

/// <summary>Where the server was started by systemd, and the unit has <c>WatchdogSec=</c>.</summary>
internal static class WatchdogSetup
{
    public static void AddWatchdog(this IServiceCollection services)
    {
        services.AddSingleton<Pulse>();
        var interval = Watchdog.IntervalFrom(
            Environment.GetEnvironmentVariable("WATCHDOG_USEC"), Environment.GetEnvironmentVariable("WATCHDOG_PID"), Environment.ProcessId);
        if (interval is { } given && services.Any(service => service.ServiceType == typeof(ISystemdNotifier)))
        {
            services.AddHostedService(parts => new Watchdog(
                parts.GetRequiredService<ISystemdNotifier>(),
                given,
                given + (2 * parts.GetRequiredService<ServerOptions>().Vms.ReviewPeriod),
                parts.GetRequiredService<Pulse>(),
                parts.GetRequiredService<Database>().Check,
                parts.GetRequiredService<TimeProvider>(),
                parts.GetRequiredService<ILogger<Watchdog>>()));
        }
    }
}
