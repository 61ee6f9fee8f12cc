using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>
/// Machines as QEMU processes, each with a folder of its own. The folder is the truth: its mark says that the machine exists,
/// its pid file finds the process again, its sockets speak to it. So a server that restarts, or crashes, loses nothing.
/// </summary>
public sealed partial class QemuHypervisor : IHypervisor
{
    private readonly QemuOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<QemuHypervisor> logger;
    private readonly Accelerators accelerators;
    private readonly DiskImages images;
    private readonly Passt passt;
    private readonly SoftwareTpm tpm;
    private readonly HostDevices devices;
    private readonly VmLocks locks = new();
    private readonly Observations observations = new();
    private readonly ConcurrentDictionary<VmId, RunningMachine> running = new();
    private readonly ConcurrentDictionary<VmId, int> silent = new();
    private readonly CancellationTokenSource disposed = new();
    private readonly Lock adopting = new();
    private Task? adoption;

    /// <param name="options">How this host runs QEMU.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to tell of machines.</param>
    /// <param name="devices">Where devices are looked for; this host's own when absent.</param>
    public QemuHypervisor(QemuOptions options, TimeProvider time, ILogger<QemuHypervisor> logger, HostDevices? devices = null)
    {
        this.devices = devices ?? new HostDevices();
        (this.options, this.time, this.logger) = (options, time, logger);
        accelerators = new Accelerators(options, time);
        images = new DiskImages(options, time);
        passt = new Passt(options, time);
        tpm = new SoftwareTpm(options, time);
    }

    public string Name => "qemu";

    public bool KeepsLastWords => true;

    public bool KeepsConsole => true;

    public Task<ImageHealth> InspectAsync(BaseImage image, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        try
        {
            var info = await images.RequireAsync(image, cancellationToken);
            return new ImageHealth { DiskMegabytes = info.Megabytes };
        }
        catch (HypervisorException e)
        {
            return new ImageHealth(e.Message, e.Fault);
        }
    }, cancellationToken);

    public Task EnsureLabelledAsync(VmId id, GuestLabels labels, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await AdoptedAsync(cancellationToken);
        using var turn = await locks.EnterAsync(id, cancellationToken); // a removal must not find its mark put back
        var machine = running.GetValueOrDefault(id) ?? throw new HypervisorException(HypervisorFault.NotFound, $"The machine {id} is not running.");
        await WithinDeadlineAsync(token => machine.LabelAsync(labels, token), $"The guest of {id} takes nothing from its port", cancellationToken);
        return true;
    }, cancellationToken);

    public async Task ConfigureAsync(VmId id, GuestConfiguration configuration, CancellationToken cancellationToken)
    {
        await GuardAsync(ConfigureAsync, cancellationToken);

        async Task<bool> ConfigureAsync()
        {
            await AdoptedAsync(cancellationToken);
            var machine = running.GetValueOrDefault(id) ?? throw new HypervisorException(HypervisorFault.NotFound, $"The machine {id} is not running.");
            if (!configuration.EncodedJitConfig.All(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/' or '='))
            {
                throw new HypervisorException(HypervisorFault.Failed, $"The configuration of {id} is not Base64, which is all that its port carries.");
            }

            await WithinDeadlineAsync(token => machine.ConfigureAsync(configuration, token), $"The guest of {id} takes nothing from its port", cancellationToken);
            return true;
        }
    }

    public IAsyncEnumerable<VmObservation> WatchAsync(CancellationToken cancellationToken)
    {
        // Begun, not awaited: what it finds reaches the watcher as it is found.
        _ = AdoptedAsync(CancellationToken.None);
        return observations.WatchAsync(disposed.Token, cancellationToken);
    }

    public Task<string> ReadConsoleAsync(VmId id, CancellationToken cancellationToken) => GuardAsync(() =>
    {
        var folder = Folder(id);
        return Task.FromResult(folder.Look() is FolderKind.Machine or FolderKind.Broken ? new ConsoleLog(folder, time).Read() : "");
    }, cancellationToken);

    /// <summary>Lets go of all machines. They run on.</summary>
    public async ValueTask DisposeAsync()
    {
        await disposed.CancelAsync();
        await Task.WhenAny(adoption ?? Task.CompletedTask);

        await Task.WhenAll(running.Values.Select(machine => machine.DisposeAsync().AsTask()));
        running.Clear();
    }

    private MachineFolder Folder(VmId id) => new(options.Folder, id);

    private async Task<T> GuardAsync<T>(Func<Task<T>> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await work();
        }
        catch (IOException e) when (FullDisk.IsCauseOf(e))
        {
            throw FullDisk.At(options.Folder, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or JsonException)
        {
            throw new HypervisorException(HypervisorFault.Failed, e.Message, e);
        }
    }

    private Task WithinDeadlineAsync(Func<CancellationToken, Task> work, string problem, CancellationToken cancellationToken) =>
        WithinAsync(options.Deadline, work, problem, cancellationToken);

    private async Task WithinAsync(TimeSpan deadline, Func<CancellationToken, Task> work, string problem, CancellationToken cancellationToken)
    {
        using var tooLate = new CancellationTokenSource(deadline, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(tooLate.Token, cancellationToken);
        try
        {
            await work(ending.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HypervisorException(HypervisorFault.TimedOut, $"{problem}: no answer within {deadline.TotalSeconds:0} s.");
        }
    }

    private void Observe(VmObservation observation)
    {
        if (observation.Report is { } report)
        {
            if (!observations.IsNews(observation.Id, report))
            {
                return;
            }

            Keep(observation.Id, report);
        }

        observations.Publish(observation);
    }

    private void Keep(VmId id, GuestReport report)
    {
        try
        {
            Folder(id).SaveReport(report);
        }
        catch (IOException e)
        {
            LogReportNotKept(id, e);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The report of {Id} was not kept on disk")]
    private partial void LogReportNotKept(VmId id, Exception exception);
}
