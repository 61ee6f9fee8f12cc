using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// Hears what one running guest reports. VBoxManage can only wait for the next change of a property, so that a change between
/// two waits is lost to both: the value is read after each wait has begun, and once more when it surely listens.
/// </summary>
internal sealed partial class PhaseWatch(VBoxHost host, ConfigurationDelivery delivery, Observations observations, TimeProvider time, ILogger logger)
{
    private const string Property = "/VBDP/Phase";
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(1);

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
                return;
            }
            catch (HypervisorException e)
            {
                LogNotHeard(e, id);
                await Task.Delay(Settled, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WaitOnceAsync(VmId id, string uuid, CancellationToken cancellationToken)
    {
        var milliseconds = ((long)host.Options.WaitRenewal.TotalMilliseconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = host.Manage.TryRunAsync(
            ["guestproperty", "wait", uuid, Property, "--timeout", milliseconds],
            host.Options.WaitRenewal + host.Options.Deadline,
            ending.Token);
        try
        {
            await ReadAsync(id, uuid, cancellationToken);
            var settled = Task.Delay(Settled, time, cancellationToken);
            if (await Task.WhenAny(waiting, settled) == settled)
            {
                await ReadAsync(id, uuid, cancellationToken);
            }

            if (GuestPropertyText.ParseChange((await waiting).Output, Property) is { } value)
            {
                await HearAsync(id, uuid, value, cancellationToken);
            }
            else
            {
                // A wait that ends for another reason than its timeout must not make a busy loop.
                await settled;
            }
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(VmId id, string uuid, CancellationToken cancellationToken)
    {
        if (GuestPropertyText.ParseValue(await host.Manage.RunAsync(["guestproperty", "get", uuid, Property], cancellationToken)) is { } value)
        {
            await HearAsync(id, uuid, value, cancellationToken);
        }
    }

    private async Task HearAsync(VmId id, string uuid, string value, CancellationToken cancellationToken)
    {
        if (!GuestReport.TryParse(value, out var report))
        {
            LogNotAPhase(id);
            return;
        }

        if (report == observations.LastReport(id))
        {
            return;
        }

        if (report.Phase > GuestPhase.Ready)
        {
            // Before the report is passed on: from then on a job's code may run in the guest. When it fails, the report is not
            // passed on, and is heard anew with the next reading.
            await delivery.WithdrawAsync(id, uuid, cancellationToken);
        }

        observations.Publish(new VmObservation(id, report));
    }

    [LoggerMessage(LogLevel.Warning, "Guest {Id} was not heard; it is tried again")]
    private partial void LogNotHeard(Exception exception, VmId id);

    [LoggerMessage(LogLevel.Warning, "Guest {Id} reported something that is not a phase")]
    private partial void LogNotAPhase(VmId id);
}
