using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests;

/// <summary>
/// What every driver promises, in sentences. One sealed class per driver derives from this and says with which rig; where
/// machines cannot be started, the specs that need a running one are skipped with the rig's reason, and one asserts that
/// starting fails cleanly.
/// </summary>
public abstract partial class HypervisorSpecs : IAsyncLifetime
{
    /// <summary>Minutes, because a guest may have to boot without hardware acceleration on a busy machine.</summary>
    protected const int Patience = 600_000;

    private readonly List<IHypervisor> opened = [];
    private List<string> filesBefore = [];

    protected HypervisorRig Rig { get; private set; } = null!;

    protected IHypervisor Hypervisor { get; private set; } = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract Task<HypervisorRig> MakeRigAsync(CancellationToken cancellationToken);

    public async ValueTask InitializeAsync()
    {
        Rig = await MakeRigAsync(Token);
        Hypervisor = Open();
        filesBefore = [.. Rig.FilesOfMachines().Order()];
    }

    public async ValueTask DisposeAsync()
    {
        await using (Rig)
        {
            // Also after a failed spec nothing may run on.
            foreach (var vm in await Hypervisor.ListAsync(CancellationToken.None))
            {
                await Hypervisor.EnsureGoneAsync(vm.Id, CancellationToken.None);
            }

            foreach (var hypervisor in opened)
            {
                await hypervisor.DisposeAsync();
            }
        }

        GC.SuppressFinalize(this);
    }

    protected VmSpecification Specify(string id) => new()
    {
        Id = VmId.Parse(id),
        Image = Rig.Image,
        Label = id,
        Owner = "acme",
        Repository = "widgets",
    };

    protected async Task<VmId> CloneAsync(string id)
    {
        await Hypervisor.EnsureClonedAsync(Specify(id), Token);
        return VmId.Parse(id);
    }

    protected async Task<VmId> RunAsync(string id)
    {
        RequireStart();
        var vm = await CloneAsync(id);
        await Hypervisor.EnsureStartedAsync(vm, Token);
        return vm;
    }

    /// <summary>Waits for the machine's report of that phase or a later one.</summary>
    protected static async Task<GuestReport> ReportAsync(IHypervisor hypervisor, VmId id, GuestPhase atLeast)
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

    /// <summary>Waits until watchers are told that the machine's power may have changed. Call it before the change.</summary>
    protected static async Task PowerChangeAsync(IHypervisor hypervisor, VmId id)
    {
        await foreach (var observation in hypervisor.WatchAsync(Token))
        {
            if (observation.Id == id && observation.Report is null)
            {
                return;
            }
        }
    }

    protected void AssertNoFilesLeft() => Assert.Equal(filesBefore, Rig.FilesOfMachines().Order());

    protected async Task<VmPower?> PowerAsync(VmId id) =>
        (await Hypervisor.ListAsync(Token)).SingleOrDefault(vm => vm.Id == id)?.Power;

    protected IHypervisor Open()
    {
        var hypervisor = Rig.Open();
        opened.Add(hypervisor);
        return hypervisor;
    }

    protected void RequireStart() => Assert.SkipWhen(Rig.CannotStart is not null, Rig.CannotStart ?? "");

    protected void RequireGuest() => Assert.SkipWhen(Rig.HasNoGuest is not null, Rig.HasNoGuest ?? "");
}
