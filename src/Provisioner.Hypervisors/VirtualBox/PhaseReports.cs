using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>Takes what stands in a guest's property for its report, and passes on what is news.</summary>
internal sealed partial class PhaseReports(VBoxHost host, ConfigurationDelivery delivery, Observations observations, ILogger logger)
{
    public const string Property = "/VBDP/Phase";

    private readonly ConcurrentDictionary<VmId, bool> babbling = [];

    /// <summary>Whether this guest has no job yet. One that has is awaited for nothing but its power-off.</summary>
    public bool IsOnItsWay(VmId id) => observations.LastPhase(id) is null or < GuestPhase.Busy;

    /// <summary>How far this guest has come; null when it has not reported.</summary>
    public GuestPhase? LastPhase(VmId id) => observations.LastPhase(id);

    /// <summary>Whether a guest that has stopped may have said more than was heard. Not one of a machine that was removed.</summary>
    public bool MayHaveMore(VmId id) => observations.LastPhase(id) is null or < GuestPhase.Done && Directory.Exists(host.Mark.FolderOf(id));

    /// <summary>Reads the property once. What it says is dropped when <paramref name="isStale"/> says so by then.</summary>
    public async Task ReadAsync(VmId id, Func<bool> isStale, CancellationToken cancellationToken)
    {
        await host.Manage.Silence.EndAsync(cancellationToken);
        var output = await host.Manage.RunAsync(["guestproperty", "get", host.Mark.UuidOf(id).ToString(), Property], cancellationToken);
        if (GuestPropertyText.ParseValue(output) is { } value && !isStale())
        {
            await HearAsync(id, value, cancellationToken);
        }
    }

    /// <summary>Hears a value of the property: whether it was news.</summary>
    public async Task<bool> HearAsync(VmId id, string value, CancellationToken cancellationToken)
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
            await delivery.WithdrawAsync(id, host.Mark.UuidOf(id).ToString(), cancellationToken);
        }

        return observations.PublishNews(id, report);
    }

    /// <summary>Forgets a guest that has stopped.</summary>
    public void Forget(VmId id) => babbling.TryRemove(id, out _);

    [LoggerMessage(LogLevel.Warning, "Guest {Id} reported something that is not a phase; it is not said again")]
    private partial void LogNotAPhase(VmId id);
}
