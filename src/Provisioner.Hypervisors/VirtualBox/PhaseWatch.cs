using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Hears what one running guest reports. VBoxManage can only wait for the next change of a property, so that a change between
/// two waits is lost to both: the value is read as well, while each wait begins.
/// </summary>
internal sealed partial class PhaseWatch(VBoxHost host, ConfigurationDelivery delivery, Observations observations, TimeProvider time, ILogger logger)
{
    private const string Property = "/VBDP/Phase";
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(1);

    // At once; when the wait has surely begun to listen; and when it has so on a host under heavy load.
    private static readonly TimeSpan[] Readings = [TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)];

    private readonly ConcurrentDictionary<VmId, bool> babbling = [];

    [SuppressMessage("Design", "CA1031", Justification = "The loop's edge: a guest that nobody hears any more would never be given its job.")]
    public async Task RunAsync(VmId id, CancellationToken cancellationToken)
    {
        var uuid = host.Mark.UuidOf(id).ToString();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await WaitOnceAsync(id, uuid, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // The loop ends.
            }
            catch (Exception e)
            {
                LogNotHeard(e, id);
                await Task.Delay(ShortWait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        babbling.TryRemove(id, out _);
    }

    private async Task WaitOnceAsync(VmId id, string uuid, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = WaitForChangeAsync(uuid, ending.Token);
        var reading = Task.CompletedTask;
        try
        {
            foreach (var pause in Readings)
            {
                reading = ReadAsync(id, uuid, pause, waiting, ending.Token);
                // The wait is heard at once, also while a reading hangs.
                if (await Task.WhenAny(waiting, reading) == waiting)
                {
                    break;
                }

                await reading;
            }

            if (await waiting is { } value && !await HearAsync(id, uuid, value, cancellationToken))
            {
                // News end with the last phase. Other changes a guest can make without end, and each costs this host some processes.
                await Task.Delay(ShortWait, time, cancellationToken);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(waiting, reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // The new value; null when none came.
    private async Task<string?> WaitForChangeAsync(string uuid, CancellationToken cancellationToken)
    {
        var milliseconds = ((long)host.Options.WaitRenewal.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        var started = time.GetTimestamp();
        var result = await host.Manage.TryRunAsync(
            ["guestproperty", "wait", uuid, Property, "--timeout", milliseconds],
            host.Options.WaitRenewal + host.Options.Deadline,
            cancellationToken);
        var value = GuestPropertyText.ParseChange(result.Output, Property);
        if (value is null && time.GetElapsedTime(started) < ShortWait)
        {
            // A wait that ends for another reason than its timeout must not make a busy loop.
            await Task.Delay(ShortWait, time, cancellationToken);
        }

        return value;
    }

    private async Task ReadAsync(VmId id, string uuid, TimeSpan pause, Task waiting, CancellationToken cancellationToken)
    {
        await Task.Delay(pause, time, cancellationToken);
        var value = GuestPropertyText.ParseValue(await host.Manage.RunAsync(["guestproperty", "get", uuid, Property], cancellationToken));
        // What the wait has heard meanwhile is newer.
        if (value is not null && !waiting.IsCompleted)
        {
            await HearAsync(id, uuid, value, cancellationToken);
        }
    }

    // Whether it was news.
    private async Task<bool> HearAsync(VmId id, string uuid, string value, CancellationToken cancellationToken)
    {
        if (!GuestReport.TryParse(value, out var report))
        {
            if (babbling.TryAdd(id, true))
            {
                LogNotAPhase(id);
            }

            return false;
        }

        if (!observations.IsNews(id, report))
        {
            return false;
        }

        if (report.Phase > GuestPhase.Ready)
        {
            // Before the report is passed on: from then on a job's code may run in the guest. When it fails, the report is not
            // passed on, and is heard anew with the next reading.
            await delivery.WithdrawAsync(id, uuid, cancellationToken);
        }

        observations.Publish(new VmObservation(id, report));
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "Guest {Id} was not heard; it is tried again")]
    private partial void LogNotHeard(Exception exception, VmId id);

    [LoggerMessage(LogLevel.Warning, "Guest {Id} reported something that is not a phase; it is not said again")]
    private partial void LogNotAPhase(VmId id);
}
