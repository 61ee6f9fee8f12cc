using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>Saved states: what VBoxManage is told of them, and what the real one makes of a machine that has one.</summary>
public sealed class VirtualBoxStates
{
    private const int Patience = 120_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task A_machine_whose_state_was_saved_goes_on_and_counts_as_ready_since_it_cannot_be_asked_again()
    {
        using var box = new FakeVirtualBox();
        await using var hypervisor = box.OpenPatiently();
        var id = await SaveAsync(box, hypervisor);
        Assert.Equal([new SeenVm(id, VmPower.Off)], await hypervisor.ListAsync(Token));
        var before = box.Changes(id).Length;

        await hypervisor.EnsureSavedAsync(id, Token); // twice is once
        await hypervisor.EnsureStartedAsync(id, Token);

        Assert.Equal("startvm", box.Changes(id)[before..].Split(' ')[0]);
        Assert.Equal(GuestPhase.Ready, (await ReportAsync(hypervisor, id)).Phase);
        Assert.Equal([new SeenVm(id, VmPower.On)], await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_state_that_is_of_no_use_is_discarded_and_the_machine_boots()
    {
        using var box = new FakeVirtualBox();
        await using var hypervisor = box.Open();
        var id = await SaveAsync(box, hypervisor);
        box.SpoilStates();

        await hypervisor.EnsureStartedAsync(id, Token);

        Assert.Contains("discardstate", box.Calls, StringComparison.Ordinal);
        Assert.Equal([new SeenVm(id, VmPower.On)], await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task The_real_one_shows_such_a_machine_as_off_and_removes_it_with_its_state()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        var id = VmId.Parse("saved-1");
        await hypervisor.EnsureClonedAsync(lab.Specify("saved-1"), Token);
        var state = Path.Combine(lab.Options.MachineFolder, "vbdp-saved-1", "state.sav");
        await File.WriteAllTextAsync(state, "no state at all", Token);
        await lab.RunAsync("adoptstate", lab.UuidOf("saved-1"), state);

        Assert.Equal([new SeenVm(id, VmPower.Off)], await hypervisor.ListAsync(Token));
        await hypervisor.EnsureSavedAsync(id, Token);
        await hypervisor.EnsureGoneAsync(id, Token);

        Assert.Empty(await hypervisor.ListAsync(Token));
        Assert.False(Directory.Exists(Path.GetDirectoryName(state)));
    }

    [Fact(Timeout = Patience)]
    public async Task The_real_one_cannot_start_it_here_and_has_discarded_its_state_before_it_gave_up()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        Assert.SkipWhen(File.Exists(lab.Options.KernelDriver), "Machines can be started here.");
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        var id = VmId.Parse("saved-2");
        await hypervisor.EnsureClonedAsync(lab.Specify("saved-2"), Token);
        var state = Path.Combine(lab.Options.MachineFolder, "vbdp-saved-2", "state.sav");
        await File.WriteAllTextAsync(state, "no state at all", Token);
        await lab.RunAsync("adoptstate", lab.UuidOf("saved-2"), state);

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureStartedAsync(id, Token));

        Assert.Equal(HypervisorFault.CannotStart, failure.Fault);
        Assert.Contains("VMState=\"poweroff\"", await lab.RunAsync("showvminfo", lab.UuidOf("saved-2"), "--machinereadable"), StringComparison.Ordinal);
        await hypervisor.EnsureGoneAsync(id, Token);
    }

    private static async Task<VmId> SaveAsync(FakeVirtualBox box, IHypervisor hypervisor)
    {
        var id = VmId.Parse("one");
        await hypervisor.EnsureClonedAsync(new VmSpecification { Id = id, Image = new BaseImage("base"), Label = "one", Owner = "", Repository = "" }, Token);
        await hypervisor.EnsureStartedAsync(id, Token);
        box.Report(id, "ready");
        await ReportAsync(hypervisor, id);
        await hypervisor.EnsureSavedAsync(id, Token);
        return id;
    }

    private static async Task<GuestReport> ReportAsync(IHypervisor hypervisor, VmId id)
    {
        await foreach (var observation in hypervisor.WatchAsync(Token))
        {
            if (observation.Id == id && observation.Report is { } report)
            {
                return report;
            }
        }

        throw new InvalidOperationException("The stream ended.");
    }
}
