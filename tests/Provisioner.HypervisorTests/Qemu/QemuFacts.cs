using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>What tests of QEMU's own ways share: a rig, a driver and a few words.</summary>
public abstract class QemuFacts : IAsyncLifetime
{
    /// <summary>Minutes, because a guest may have to boot without hardware acceleration on a busy machine.</summary>
    protected const int Patience = 300_000;

    private readonly List<QemuHypervisor> opened = [];

    internal QemuRig Rig { get; private set; } = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => Rig = await QemuRig.MakeAsync(Token);

    public async ValueTask DisposeAsync()
    {
        await using (Rig)
        {
            await using var last = new QemuHypervisor(new QemuOptions { Folder = Rig.Folder }, TimeProvider.System, NullLogger<QemuHypervisor>.Instance);
            foreach (var folder in MachineFolder.All(Rig.Folder))
            {
                await last.EnsureGoneAsync(folder.Id, CancellationToken.None);
            }

            foreach (var hypervisor in opened)
            {
                await hypervisor.DisposeAsync();
            }
        }

        GC.SuppressFinalize(this);
    }

    protected QemuHypervisor Open()
    {
        var hypervisor = (QemuHypervisor)Rig.Open();
        opened.Add(hypervisor);
        return hypervisor;
    }

    protected async Task<VmId> CloneAsync(QemuHypervisor hypervisor, string id)
    {
        var specification = new VmSpecification { Id = VmId.Parse(id), Image = Rig.Image, Label = id, Owner = "acme", Repository = "widgets" };
        await hypervisor.EnsureClonedAsync(specification, Token);
        return specification.Id;
    }

    protected async Task<VmId> RunAsync(QemuHypervisor hypervisor, string id)
    {
        var vm = await CloneAsync(hypervisor, id);
        await hypervisor.EnsureStartedAsync(vm, Token);
        return vm;
    }

    /// <summary>Runs a script in the guest and gives what it reports as its result: <c>phase done: RESULT</c>.</summary>
    protected static async Task<string> AskGuestAsync(QemuHypervisor hypervisor, VmId id, string script)
    {
        await ReportAsync(hypervisor, id, GuestPhase.Ready);
        await hypervisor.ConfigureAsync(id, TinyGuest.Script(script), Token);
        return (await ReportAsync(hypervisor, id, GuestPhase.Done)).Detail;
    }

    protected static async Task<GuestReport> ReportAsync(QemuHypervisor hypervisor, VmId id, GuestPhase atLeast)
    {
        await foreach (var observation in hypervisor.WatchAsync(Token))
        {
            if (observation.Id == id && observation.Report is { } report && report.Phase >= atLeast)
            {
                return report;
            }
        }

        throw new InvalidOperationException($"The stream ended before {id} reported {atLeast}.");
    }

    /// <summary>Waits until a listing shows the machine so, looking whenever watchers are told of a change.</summary>
    protected static async Task AwaitPowerAsync(QemuHypervisor hypervisor, VmId id, VmPower power)
    {
        using var seen = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var watch = hypervisor.WatchAsync(seen.Token).GetAsyncEnumerator(Token);
        var changed = watch.MoveNextAsync().AsTask();
        while ((await hypervisor.ListAsync(Token)).Single(vm => vm.Id == id).Power != power)
        {
            Assert.True(await changed);
            changed = watch.MoveNextAsync().AsTask();
        }

        await seen.CancelAsync();
        await Task.WhenAny(changed);
    }

    protected Process QemuOf(VmId id) =>
        Process.GetProcessById(int.Parse(File.ReadAllText(Path.Combine(Rig.Folder, $"vbdp-{id}", "pid")), CultureInfo.InvariantCulture));
}
