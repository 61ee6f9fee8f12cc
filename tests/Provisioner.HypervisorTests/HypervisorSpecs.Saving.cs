using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests;

public abstract partial class HypervisorSpecs
{
    [Fact(Timeout = Patience)]
    public async Task A_guest_whose_state_was_saved_goes_on_and_does_its_job()
    {
        RequireGuest();
        var id = await SaveAsync("sleeper");
        await Hypervisor.EnsureSavedAsync(id, Token); // twice is once
        Assert.Equal(VmPower.Off, await PowerAsync(id));

        await Hypervisor.EnsureStartedAsync(id, Token);
        await ReportAsync(Hypervisor, id, GuestPhase.Ready);
        await Hypervisor.EnsureLabelledAsync(id, new GuestLabels("run-1", "acme", "widgets"), Token);
        await Hypervisor.ConfigureAsync(id, Rig.Configuration, Token);

        Assert.NotEqual(GuestPhase.Failed, (await ReportAsync(Hypervisor, id, GuestPhase.Online)).Phase);
    }

    [Fact(Timeout = Patience)]
    public async Task A_saved_state_outlives_the_driver()
    {
        RequireGuest();
        var id = await SaveAsync("kept");

        await using var next = Open();
        await next.EnsureStartedAsync(id, Token);

        await ReportAsync(next, id, GuestPhase.Ready);
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_with_a_saved_state_is_removed_with_it()
    {
        RequireGuest();
        var id = await SaveAsync("unwanted");

        await Hypervisor.EnsureGoneAsync(id, Token);

        Assert.Empty(await Hypervisor.ListAsync(Token));
        AssertNoFilesLeft();
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_is_off_is_left_as_it_is_and_one_that_is_not_there_cannot_be_saved()
    {
        var id = await CloneAsync("idle");

        await Hypervisor.EnsureSavedAsync(id, Token);
        var failure = await Assert.ThrowsAsync<HypervisorException>(() => Hypervisor.EnsureSavedAsync(VmId.Parse("nowhere"), Token));

        Assert.Equal(VmPower.Off, await PowerAsync(id));
        Assert.Equal(HypervisorFault.NotFound, failure.Fault);
    }

    /// <summary>A machine whose guest was ready when its state was saved.</summary>
    private async Task<VmId> SaveAsync(string name)
    {
        var id = await RunAsync(name);
        await ReportAsync(Hypervisor, id, GuestPhase.Ready);
        await Hypervisor.EnsureSavedAsync(id, Token);
        return id;
    }
}
