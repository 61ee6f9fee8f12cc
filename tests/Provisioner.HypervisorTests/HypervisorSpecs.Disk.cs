using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests;

public abstract partial class HypervisorSpecs
{
    [Fact(Timeout = Patience)]
    public async Task A_machine_may_have_a_larger_disk_than_its_image_or_the_same()
    {
        var size = await ImageDiskAsync();

        await Hypervisor.EnsureClonedAsync(WithDisk("same", size), Token);
        await Hypervisor.EnsureClonedAsync(WithDisk("larger", size + 1000), Token);

        Assert.Equal([VmPower.Off, VmPower.Off], (await Hypervisor.ListAsync(Token)).Select(vm => vm.Power));
    }

    [Fact(Timeout = Patience)]
    public async Task A_smaller_disk_than_the_images_is_refused_with_its_size_and_leaves_nothing()
    {
        var size = await ImageDiskAsync();

        var refusal = await Assert.ThrowsAsync<HypervisorException>(() => Hypervisor.EnsureClonedAsync(WithDisk("refused", size - 1), Token));

        Assert.Contains($"has {size} MiB, and refused is to have {size - 1}. Ask for {size} or more", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await Hypervisor.ListAsync(Token));
        AssertNoFilesLeft();
    }

    private async Task<int> ImageDiskAsync() => (int)(await Hypervisor.InspectAsync(Rig.Image, Token)).DiskMegabytes!.Value;

    private VmSpecification WithDisk(string id, int megabytes) => Specify(id) with { Hardware = new VmHardware { DiskMegabytes = megabytes } };
}
