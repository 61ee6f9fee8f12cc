using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>A disk that has become read-only, as Linux makes it after an error, or one with room for the half of it.</summary>
public sealed class VirtualBoxReadOnly
{
    private const int Patience = 300_000;

    private static readonly VmId One = VmId.Parse("one");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task On_a_read_only_disk_each_verb_fails_with_a_sentence_and_works_again_when_it_can_be_written()
    {
        using var disk = await SmallDisk.MountAsync(32);
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        lab.Options.MachineFolder = Path.Combine(disk.Folder, "machines");
        lab.Options.ReserveBytes = 1024 * 1024;
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        await disk.MakeWritableAsync(false);

        var refused = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(lab.Specify("two"), Token));
        var kept = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureGoneAsync(One, Token));
        await disk.MakeWritableAsync(true);

        Assert.All((string[])[refused.Message, kept.Message], message => Assert.True(message.Length > 20));
        await hypervisor.EnsureGoneAsync(One, Token);
        await hypervisor.EnsureClonedAsync(lab.Specify("two"), Token);
        Assert.Equal([new SeenVm(VmId.Parse("two"), VmPower.Off)], await hypervisor.ListAsync(Token));
        await hypervisor.EnsureGoneAsync(VmId.Parse("two"), Token);
        await AssertCleanAsync(lab);
    }

    [Fact(Timeout = Patience)]
    public async Task An_image_on_a_read_only_disk_is_not_harmed_and_nothing_of_a_clone_is_left()
    {
        using var disk = await SmallDisk.MountAsync(32);
        await using var lab = await VirtualBoxLab.OpenAsync();
        var theirs = Path.Combine(disk.Folder, "images");
        Directory.CreateSymbolicLink(Path.Combine(lab.Folder, "images"), Directory.CreateDirectory(theirs).FullName);
        await lab.MakeImageAsync("base");
        lab.Options.ReserveBytes = 1024 * 1024;
        await using var hypervisor = lab.Open();
        await disk.MakeWritableAsync(false);

        var failure = await Record.ExceptionAsync(() => hypervisor.EnsureClonedAsync(lab.Specify("one"), Token));
        await disk.MakeWritableAsync(true);
        Assert.True(failure is null or HypervisorException);
        await hypervisor.EnsureGoneAsync(One, Token);
        await AssertCleanAsync(lab);
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
    }

    [Theory(Timeout = Patience)]
    [InlineData(4 * 1024)]
    [InlineData(16 * 1024)]
    [InlineData(40 * 1024)]
    public async Task Danger_4_where_the_disk_fills_up_in_the_middle_of_a_clone_nothing_of_it_is_left(int free)
    {
        using var disk = await SmallDisk.MountAsync(32);
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        lab.Options.MachineFolder = Directory.CreateDirectory(Path.Combine(disk.Folder, "machines")).FullName;
        lab.Options.ReserveBytes = 1;
        await using var hypervisor = lab.Open();
        disk.Fill(free);

        var failure = await Record.ExceptionAsync(() => hypervisor.EnsureClonedAsync(lab.Specify("one"), Token));

        if (failure is null)
        {
            await hypervisor.EnsureGoneAsync(One, Token);
        }

        Assert.True(failure is null or HypervisorException, failure?.ToString());
        await AssertCleanAsync(lab);
    }

    private static async Task AssertCleanAsync(VirtualBoxLab lab)
    {
        Assert.Empty(Directory.EnumerateFileSystemEntries(lab.Options.MachineFolder));
        Assert.DoesNotContain("vbdp-one", await lab.RunAsync("list", "hdds"), StringComparison.Ordinal);
        Assert.Equal(["base"], RegisteredVm.ParseList(await lab.RunAsync("list", "vms")).Select(vm => vm.Name));
    }
}
