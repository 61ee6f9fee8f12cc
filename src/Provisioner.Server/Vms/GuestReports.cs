using System.Diagnostics.CodeAnalysis;
using Provisioner.Hypervisors;
using Provisioner.Server.Store;

namespace Provisioner.Server.Vms;

/// <summary>Writes down what guests report, and wakes the reconciler when a machine changes its power state.</summary>
internal sealed partial class GuestReports(
    IHypervisor hypervisor, VmTable vms, VmNews news, TimeProvider time, ILogger<GuestReports> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    [SuppressMessage("Design", "CA1031", Justification = "The loop's edge: the stream is opened again, and replays the last reports.")]
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await foreach (var observation in hypervisor.WatchAsync(stoppingToken))
                {
                    await TakeAsync(observation, stoppingToken);
                }
            }
            catch (HypervisorException problem)
            {
                LogWatchRefused(problem.Message);
            }
            catch (Exception problem) when (!stoppingToken.IsCancellationRequested)
            {
                LogWatchFailed(problem);
            }

            await Task.Delay(Pause, time, stoppingToken);
        }
    }

    /// <summary>Each report is written before the next is taken: a stream that is opened again has only the last one.</summary>
    private async Task TakeAsync(VmObservation observation, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                Take(observation);
                return;
            }
            catch (StoreException problem) when (problem.Fault != StoreFault.StaleEpoch)
            {
                LogNotWritten(problem.Message);
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }

    private void Take(VmObservation observation)
    {
        if (observation.Report is { } report)
        {
            LogReported(observation.Id, report.Phase);
            vms.ChangeOfMachine(observation.Id, vm => vm.Host == vms.Host && vm.StartedAt is not null ? vm.Reported(report, time.GetUtcNow()) : vm);
            CrashPoint.Reach(report.Phase switch { GuestPhase.Ready => CrashPoint.ReadyTaken, GuestPhase.Busy => CrashPoint.BusyTaken, _ => "" });
        }

        news.Tell(observation.Id);
    }

    [LoggerMessage(LogLevel.Information, "The guest of VM {Vm} reported {Phase}")]
    private partial void LogReported(VmId vm, GuestPhase phase);

    [LoggerMessage(LogLevel.Warning, "The hypervisor could not be watched, and is asked again: {Cause}")]
    private partial void LogWatchRefused(string cause);

    [LoggerMessage(LogLevel.Warning, "A report could not be written down, and is written again: {Cause}")]
    private partial void LogNotWritten(string cause);

    [LoggerMessage(LogLevel.Error, "Watching the hypervisor failed; it is opened again")]
    private partial void LogWatchFailed(Exception problem);
}
