using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.HypervisorTests.Qemu;

public sealed class QemuLabelTests : QemuFacts
{
    private const string WhoAmI = "phase \"done: [$label] [$owner] [$repo]\"";

    [Fact(Timeout = Patience)]
    public async Task A_guest_that_booted_for_nobody_knows_for_whom_it_works_when_it_has_its_configuration()
    {
        var hypervisor = Open();
        var id = await BootForNobodyAsync(hypervisor, "warm-1");

        await hypervisor.EnsureLabelledAsync(id, new GuestLabels("run-1", "acme", "widgets"), Token);

        Assert.Equal("[run-1] [acme] [widgets]", await AskGuestAsync(hypervisor, id, WhoAmI));
        var console = await hypervisor.ReadConsoleAsync(id, Token);
        Assert.Contains("label is warm-1", console, StringComparison.Ordinal);
        Assert.True(console.IndexOf("label is run-1", StringComparison.Ordinal) > console.IndexOf("label is warm-1", StringComparison.Ordinal));
    }

    [Fact(Timeout = Patience)]
    public async Task It_is_told_the_same_by_a_server_that_comes_later()
    {
        var first = Open();
        var id = await BootForNobodyAsync(first, "warm-2");
        await first.EnsureLabelledAsync(id, new GuestLabels("run-2", "acme", "widgets"), Token);
        await first.DisposeAsync();

        Assert.Equal("[run-2] [acme] [widgets]", await AskGuestAsync(Open(), id, WhoAmI));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_is_off_is_told_nothing()
    {
        var hypervisor = Open();
        var id = await CloneAsync(hypervisor, "warm-3");

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureLabelledAsync(id, new GuestLabels("run-3", "acme", "widgets"), Token));

        Assert.Equal(HypervisorFault.NotFound, failure.Fault);
    }

    private async Task<VmId> BootForNobodyAsync(QemuHypervisor hypervisor, string id)
    {
        var specification = new VmSpecification { Id = VmId.Parse(id), Image = Rig.Image, Label = id, Owner = "", Repository = "" };
        await hypervisor.EnsureClonedAsync(specification, Token);
        await hypervisor.EnsureStartedAsync(specification.Id, Token);
        await ReportAsync(hypervisor, specification.Id, GuestPhase.Ready);
        return specification.Id;
    }
}
