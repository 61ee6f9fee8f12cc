using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Hears at once what one guest on its way reports. VBoxManage can only wait for the next change of a property, so that a change
/// between two waits is lost to both: the value is read as well, while each wait begins.
/// </summary>
internal sealed partial class PhaseWatch(VBoxHost host, PhaseReports reports, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan ShortWait = TimeSpan.FromSeconds(1);

    // At once; when the wait has surely begun to listen; and when it has so on a host under heavy load.
    private static readonly TimeSpan[] Readings = [TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)];

    /// <summary>Listens until the guest has its job, or nobody wants to hear it any more.</summary>
    [SuppressMessage("Design", "CA1031", Justification = "The loop's edge: a guest that nobody hears any more would never be given its job.")]
    public async Task RunAsync(VmId id, CancellationToken cancellationToken)
    {
        var uuid = host.Mark.UuidOf(id).ToString();
        while (reports.IsOnItsWay(id) && !cancellationToken.IsCancellationRequested)
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
    }

    private async Task WaitOnceAsync(VmId id, string uuid, CancellationToken cancellationToken)
    {
        await host.Manage.Silence.EndAsync(cancellationToken);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = WaitForChangeAsync(uuid, ending.Token);
        var reading = Task.CompletedTask;
        try
        {
            foreach (var pause in Readings)
            {
                reading = ReadAsync(id, pause, waiting, ending.Token);
                // The wait is heard at once, also while a reading hangs.
                if (await Task.WhenAny(waiting, reading) == waiting)
                {
                    break;
                }

                await reading;
                if (!reports.IsOnItsWay(id))
                {
                    return;
                }
            }

            if (await waiting is { } value && !await reports.HearAsync(id, value, cancellationToken))
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
        var result = await host.Manage.TryWaitAsync(
            ["guestproperty", "wait", uuid, PhaseReports.Property, "--timeout", milliseconds],
            host.Options.WaitRenewal + host.Options.Deadline,
            cancellationToken);
        var value = GuestPropertyText.ParseChange(result.Output, PhaseReports.Property);
        if (value is null && time.GetElapsedTime(started) < ShortWait)
        {
            // A wait that ends for another reason than its timeout must not make a busy loop.
            await Task.Delay(ShortWait, time, cancellationToken);
        }

        return value;
    }

    // What the wait has heard meanwhile is newer.
    private async Task ReadAsync(VmId id, TimeSpan pause, Task waiting, CancellationToken cancellationToken)
    {
        await Task.Delay(pause, time, cancellationToken);
        await reports.ReadAsync(id, () => waiting.IsCompleted, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Guest {Id} was not heard; it is tried again")]
    private partial void LogNotHeard(Exception exception, VmId id);
}
