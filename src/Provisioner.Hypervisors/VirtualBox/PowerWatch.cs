using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Looks again and again which machines run, tells of those that began or ceased to, and has the guests of those that do heard.</summary>
internal sealed partial class PowerWatch(
    RunningMachines running, GuestWatch guests, Observations observations, Silence silence, VirtualBoxOptions options, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource ending = new();
    private readonly HashSet<VmId> known = [];
    private readonly Lock gate = new();
    private Task? watching;

    /// <summary>Begins to watch, unless it has begun.</summary>
    public void Start()
    {
        lock (gate)
        {
            watching ??= Task.WhenAll(Task.Run(() => RunAsync(ending.Token)), Task.Run(() => guests.RunAsync(ending.Token)));
        }
    }

    /// <summary>Says that a machine's power was changed by us, so that nobody need wait for the next look.</summary>
    public void Changed(VmId id)
    {
        observations.Publish(new VmObservation(id, null));
        running.Changed.Tell();
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        Task? task;
        lock (gate)
        {
            task = watching;
        }

        await (task ?? Task.CompletedTask);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await LookAsync(cancellationToken);
            await running.Changed.PauseAsync(options.PowerInterval, cancellationToken);
        }
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop's edge: no guest would be heard any more until the server starts again.")]
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var power = await running.LookAsync(cancellationToken);
            var on = power.Where(machine => machine.Value == VmPower.On).Select(machine => machine.Key).ToHashSet();
            foreach (var id in known.Except(on).ToList())
            {
                known.Remove(id);
                await guests.LeaveAsync(id);
                observations.Publish(new VmObservation(id, null));
            }

            foreach (var id in on.Except(known).ToList())
            {
                known.Add(id);
                observations.Publish(new VmObservation(id, null));
                guests.Join(id);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The loop ends.
        }
        catch (HypervisorException) when (silence.Problem is not null)
        {
            // That was said, and is not said again with each look.
        }
        catch (Exception e)
        {
            LogNotLooked(e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "VirtualBox could not be asked which machines run; it is tried again")]
    private partial void LogNotLooked(Exception exception);
}
