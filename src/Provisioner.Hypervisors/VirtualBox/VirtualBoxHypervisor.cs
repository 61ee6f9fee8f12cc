using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>VirtualBox, driven through VBoxManage.</summary>
public sealed class VirtualBoxHypervisor : IHypervisor
{
    private readonly CancellationTokenSource disposed = new();
    private readonly Observations observations = new();
    private readonly VmLocks locks = new();
    private readonly VBoxHost host;
    private readonly Versions versions;
    private readonly Images images;
    private readonly Power power;
    private readonly Removal removal;
    private readonly Cloning cloning;
    private readonly ConfigurationDelivery delivery;
    private readonly RunningMachines running;
    private readonly Inventory inventory;
    private readonly Leftovers leftovers;
    private readonly PowerWatch watch;

    public VirtualBoxHypervisor(VirtualBoxOptions options, TimeProvider time, ILogger<VirtualBoxHypervisor> logger)
    {
        host = VBoxHost.Open(options, time, logger);
        versions = new Versions(host.Manage);
        images = new Images(host.Manage, host.Mark, time);
        power = new Power(host, logger);
        removal = new Removal(host, power, logger);
        cloning = new Cloning(host, images, removal, versions, time, logger);
        delivery = new ConfigurationDelivery(host, locks, logger);
        var folders = new MachineFolders(host.Mark);
        var states = new PowerStates(host);
        running = new RunningMachines(host, folders, states, time);
        inventory = new Inventory(host, folders, running, states, locks, time);
        leftovers = new Leftovers(host, removal, locks, time, logger);
        var reports = new PhaseReports(host, delivery, observations, logger);
        var guests = new GuestWatch(new PhaseWatch(host, reports, time, logger), reports, time, logger);
        watch = new PowerWatch(running, guests, observations, host.Manage.Silence, options, logger);
        leftovers.SweepSecrets();
    }

    public string Name => "virtualbox";

    // What a guest has set is gone from its properties with its power, and a guest at work is asked only every few seconds (ADR 10).
    public bool KeepsLastWords => false;

    public bool KeepsConsole => false;

    public async Task<HypervisorHealth> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            var version = await versions.ReadAsync(cancellationToken);
            if (host.Manage.Silence.Problem is { } silence)
            {
                return new HypervisorHealth(version.ToString(), CanStart: false, silence) { Answers = false };
            }

            var problem = await KernelDriver.FindProblemAsync(host.Manage, host.Options.KernelDriver, cancellationToken);
            return new HypervisorHealth(version.ToString(), CanStart: problem is null, problem ?? Accelerator(version));
        }
        catch (HypervisorException e)
        {
            return new HypervisorHealth(null, CanStart: false, e.Message) { Answers = e.Fault != HypervisorFault.TimedOut };
        }
    }

    public async Task<ImageHealth> InspectAsync(BaseImage image, CancellationToken cancellationToken)
    {
        try
        {
            images.Forget(image);
            var machine = await images.ResolveAsync(image, cancellationToken);
            return new ImageHealth { DiskMegabytes = machine.DiskMegabytes };
        }
        catch (HypervisorException e)
        {
            return new ImageHealth(e.Message, e.Fault);
        }
    }

    public Task<IReadOnlyList<SeenVm>> ListAsync(CancellationToken cancellationToken) => FilesAsync(async () =>
    {
        var listing = await inventory.ListAsync(cancellationToken);
        await leftovers.SweepAsync(listing.Leftovers, cancellationToken);
        return listing.Seen;
    });

    public Task EnsureClonedAsync(VmSpecification specification, CancellationToken cancellationToken) =>
        AloneAsync(specification.Id, () => cloning.EnsureAsync(specification, cancellationToken), cancellationToken);

    public Task EnsureStartedAsync(VmId id, CancellationToken cancellationToken) => AloneAsync(id, async () =>
    {
        var kind = await power.StartAsync(id, cancellationToken);
        if (kind == StartKind.RanAlready)
        {
            return;
        }

        observations.Forget(id);
        running.Started(id);
        watch.Changed(id);
        if (kind == StartKind.WentOn)
        {
            // Only one that was ready is saved, and it cannot be asked to say so again.
            observations.PublishNews(id, new GuestReport(GuestPhase.Ready));
        }
    }, cancellationToken);

    public Task EnsureSavedAsync(VmId id, CancellationToken cancellationToken) => AloneAsync(id, async () =>
    {
        await power.SaveStateAsync(id, cancellationToken);
        observations.Forget(id);
        watch.Changed(id);
    }, cancellationToken);

    public Task EnsureLabelledAsync(VmId id, GuestLabels labels, CancellationToken cancellationToken) => FilesAsync(async () =>
    {
        await delivery.LabelAsync(id, labels, cancellationToken);
        return true;
    });

    public Task ConfigureAsync(VmId id, GuestConfiguration configuration, CancellationToken cancellationToken) => FilesAsync(async () =>
    {
        // Somebody has to hear the next report, upon which the secret is withdrawn.
        watch.Start();
        await delivery.DeliverAsync(id, configuration, cancellationToken);
        return true;
    });

    public async Task EnsureStoppedAsync(VmId id, TimeSpan grace, CancellationToken cancellationToken)
    {
        var machine = await host.Machines.FindAsync(id, cancellationToken);
        if (machine is null or { Info: null } or { Power: VmPower.Off })
        {
            return;
        }

        if (grace > TimeSpan.Zero)
        {
            await power.AskToStopAsync(id, cancellationToken);
            // Nobody else is kept out meanwhile: who wants the machine gone need not wait for its grace to pass.
            await host.Machines.AwaitOffAsync(id, grace, cancellationToken);
        }

        await AloneAsync(id, () => power.SwitchOffAsync(id, cancellationToken), cancellationToken);
        watch.Changed(id);
    }

    public async Task EnsureGoneAsync(VmId id, CancellationToken cancellationToken)
    {
        await AloneAsync(id, () => removal.RemoveAsync(id, cancellationToken), cancellationToken);
        delivery.Forget(id);
        observations.Forget(id);
        watch.Changed(id);
    }

    public async IAsyncEnumerable<VmObservation> WatchAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        watch.Start();
        await foreach (var observation in observations.WatchAsync(disposed.Token, cancellationToken))
        {
            yield return observation;
        }
    }

    // A serial port would be the guest's way to fill the host's disk, so that there is no console to read.
    public Task<string> ReadConsoleAsync(VmId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult("");
    }

    public async ValueTask DisposeAsync()
    {
        await disposed.CancelAsync();
        await watch.DisposeAsync();
        await host.Manage.DisposeAsync();
    }

    private static string Accelerator(VBoxVersion version) => version.HasNewOptions
        ? $"VirtualBox {version}"
        : $"VirtualBox {version}. Its NAT lets guests reach services on this host's loopback; 7.0 and later do not.";

    private async Task AloneAsync(VmId id, Func<Task> work, CancellationToken cancellationToken)
    {
        using var turn = await locks.EnterAsync(id, cancellationToken);
        await FilesAsync(async () =>
        {
            await work();
            return true;
        });
    }

    private static async Task<T> FilesAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HypervisorException(HypervisorFault.Failed, e.Message, e);
        }
    }
}
