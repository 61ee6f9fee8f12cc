using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Looks which machines run, with one cheap call for all of them, and keeps a watch on the guest of each that does.</summary>
internal sealed partial class PowerWatch(Inventory inventory, PhaseWatch phases, Observations observations, VirtualBoxOptions options, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    private readonly CancellationTokenSource ending = new();
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Dictionary<VmId, Listener> listeners = [];
    private readonly Lock gate = new();
    private Task? running;

    /// <summary>Begins to watch, unless it has begun.</summary>
    public void Start()
    {
        lock (gate)
        {
            running ??= Task.Run(() => RunAsync(ending.Token));
        }
    }

    /// <summary>Says that a machine's power was changed by us, so that nobody need wait for the next look.</summary>
    public void Changed(VmId id)
    {
        observations.Publish(new VmObservation(id, null));
        wake.Writer.TryWrite(true);
    }

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        Task? task;
        lock (gate)
        {
            task = running;
        }

        await (task ?? Task.CompletedTask);
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await LookAsync(cancellationToken);
            await PauseAsync(cancellationToken);
        }

        await Task.WhenAll(listeners.Keys.ToList().Select(StopListeningAsync));
    }

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        using var interval = new CancellationTokenSource(options.PowerInterval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(interval.Token, cancellationToken);
        await ((Task)wake.Reader.WaitToReadAsync(either.Token).AsTask()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        wake.Reader.TryRead(out _);
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop's edge: no guest would be heard any more until the server starts again.")]
    private async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            var on = await inventory.ListRunningAsync(cancellationToken);
            foreach (var gone in listeners.Keys.Except(on).ToList())
            {
                await StopListeningAsync(gone);
                observations.Publish(new VmObservation(gone, null));
            }

            foreach (var id in on.Except(listeners.Keys).ToList())
            {
                observations.Publish(new VmObservation(id, null));
                listeners[id] = Listen(id, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The loop ends.
        }
        catch (Exception e)
        {
            LogNotLooked(e);
        }
    }

    private Listener Listen(VmId id, CancellationToken cancellationToken)
    {
        var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return new Listener(phases.RunAsync(id, end.Token), end);
    }

    private async Task StopListeningAsync(VmId id)
    {
        listeners.Remove(id, out var listener);
        using var end = listener!.End;
        await end.CancelAsync();
        await listener.Work;
    }

    private sealed record Listener(Task Work, CancellationTokenSource End);

    [LoggerMessage(LogLevel.Warning, "VirtualBox could not be asked which machines run; it is tried again")]
    private partial void LogNotLooked(Exception exception);
}
