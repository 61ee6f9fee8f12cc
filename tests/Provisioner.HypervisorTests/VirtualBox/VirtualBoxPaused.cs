using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.VirtualBox;

public sealed class VirtualBoxPaused
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task A_machine_that_was_paused_on_a_full_disk_is_broken_also_when_there_is_room_again_and_can_be_removed()
    {
        using var box = new FakeVirtualBox();
        await using var hypervisor = box.Open();
        var id = VmId.Parse("one");
        await hypervisor.EnsureClonedAsync(
            new VmSpecification { Id = id, Image = new BaseImage("base"), Label = "one", Owner = "acme", Repository = "widgets" }, Token);
        await hypervisor.EnsureStartedAsync(id, Token);
        await hypervisor.ListAsync(Token);

        var reserve = box.Options.ReserveBytes;
        box.Options.ReserveBytes = long.MaxValue;
        var running = await hypervisor.ListAsync(Token);
        box.Pause(id);
        box.Options.ReserveBytes = reserve;
        var paused = await hypervisor.ListAsync(Token);
        await hypervisor.EnsureGoneAsync(id, Token);

        Assert.Equal([new SeenVm(id, VmPower.On)], running);
        Assert.Equal([new SeenVm(id, VmPower.Broken)], paused);
        Assert.Empty(await hypervisor.ListAsync(Token));
    }
}
