using System.Globalization;
using Microsoft.Extensions.Hosting.Systemd;
using Provisioner.Server.Store;

namespace Provisioner.Server.Observability;

/// <summary>
/// Tells systemd twice in each interval of its watchdog that the server is alive, as long as that is so: the loop that acts for VMs
/// passes, and the store comes back with an answer. A bad answer is one too: a store that is down is not mended by a restart.
/// </summary>
internal sealed partial class Watchdog(ISystemdNotifier notifier, TimeSpan interval, TimeSpan patience, Pulse pulse, Action ask, TimeProvider time, ILogger<Watchdog> logger) : BackgroundService
{
    private static readonly ServiceState Alive = new("WATCHDOG=1");

    private Task _asking = Task.CompletedTask;
    private bool _isSilent;

    /// <summary>The interval that systemd wants to hear from this very process in; null where it does not.</summary>
    public static TimeSpan? IntervalFrom(string? microseconds, string? process, int own) =>
        long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0
        && (string.IsNullOrEmpty(process) || process == own.ToString(CultureInfo.InvariantCulture))
            ? TimeSpan.FromMicroseconds(given)
            : null;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(interval / 2, time, stoppingToken);
            await TellAsync(stoppingToken);
        }
    }

    private async Task TellAsync(CancellationToken cancellationToken)
    {
        var problem = pulse.Since > patience ? "no pass over the VMs has ended since" : await IsStoreMuteAsync(cancellationToken) ? "the store has not come back with an answer" : null;
        if (problem is null)
        {
            notifier.Notify(Alive);
        }
        else if (!_isSilent)
        {
            LogSilent(problem, interval);
        }

        _isSilent = problem is not null;
    }

    /// <summary>One question at a time: those that do not come back must not pile up.</summary>
    private async Task<bool> IsStoreMuteAsync(CancellationToken cancellationToken)
    {
        if (_asking.IsCompleted)
        {
            _asking = Task.Run(Ask, CancellationToken.None);
        }

        try
        {
            await _asking.WaitAsync(interval * 7 / 16, time, cancellationToken); // what is left of the interval, nearly: slow is not dead
            return false;
        }
        catch (TimeoutException)
        {
            return true;
        }
    }

    private void Ask()
    {
        try
        {
            ask();
        }
        catch (StoreException)
        {
            // It answers, badly; callers are told.
        }
    }

    [LoggerMessage(LogLevel.Error, "The server does not tell systemd that it is alive, so it is restarted unless that changes within {Interval}: {Problem}")]
    private partial void LogSilent(string problem, TimeSpan interval);
}
