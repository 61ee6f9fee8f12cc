using Provisioner.Server.Configuration;

namespace Provisioner.Server.Store;

/// <summary>Claims the host before anything else begins, renews the claim, and stops the server when another process has taken it.</summary>
internal sealed partial class HostLease(
    Database database, ServerOptions options, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<HostLease> logger) : BackgroundService
{
    private CancellationTokenRegistration _whenLost;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        var host = database.Host;
        LogClaimed(host.Name, host.Epoch);
        _whenLost = host.Lost.Register(() =>
        {
            LogLost(host.Name, host.Epoch);
            lifetime.StopApplication();
        });
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _whenLost.DisposeAsync();
        if (!database.Host.Lost.IsCancellationRequested)
        {
            Try(database.Host.Release);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Store.Lease / 3, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            Try(database.Host.Renew);
        }
    }

    private void Try(Func<Session, int> change)
    {
        try
        {
            database.Transaction(change);
        }
        catch (StoreException problem) when (problem.Fault == StoreFault.StaleEpoch)
        {
            // Said already: the claim was lost with it.
        }
        catch (StoreException problem)
        {
            LogNotChanged(problem.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "Claimed the host {Host} in the store, epoch {Epoch}")]
    private partial void LogClaimed(string host, long epoch);

    [LoggerMessage(LogLevel.Warning, "The lease of this host could not be written: {Cause}")]
    private partial void LogNotChanged(string cause);

    [LoggerMessage(LogLevel.Critical, "Another server has claimed the host {Host} after this one (epoch {Epoch}). Stopping: only one may act for a host. See that no two servers have the same name")]
    private partial void LogLost(string host, long epoch);
}
