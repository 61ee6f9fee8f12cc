using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>A clone's seed on the real VBoxManage.</summary>
public sealed class VirtualBoxSeeds
{
    private const int Patience = 300_000;

    private static readonly VmId One = VmId.Parse("one");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task A_seed_is_in_its_machines_drive_and_goes_with_it_as_often_as_it_is_made()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        var file = Path.Combine(new VmMark(lab.Options.MachineFolder).FolderOf(One), "seed.iso");

        for (var life = 0; life < 2; life++)
        {
            await hypervisor.EnsureClonedAsync(lab.Specify("one") with { Seed = Seeds.Make() }, Token);
            await hypervisor.EnsureClonedAsync(lab.Specify("one") with { Seed = Seeds.Make() }, Token);

            var shown = KeyValueText.Parse(await lab.RunAsync("showvminfo", lab.UuidOf("one"), "--machinereadable")).ToDictionary(pair => pair.Key, pair => pair.Value);
            Assert.Equal(file, shown["SATA-1-0"]);
            Assert.Contains("seed of one", await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            await hypervisor.EnsureGoneAsync(One, Token);
            Assert.False(Directory.Exists(Path.GetDirectoryName(file)));
            Assert.Equal("", (await lab.RunAsync("list", "dvds")).Trim());
        }
    }

    [Fact(Timeout = Patience)]
    public async Task An_empty_drive_of_the_images_is_used()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeMachineAsync("base");
        await lab.RunAsync("storagectl", "base", "--name", "my IDE", "--add", "ide");
        await lab.RunAsync("storageattach", "base", "--storagectl", "my IDE", "--port", "1", "--device", "0", "--type", "dvddrive", "--medium", "emptydrive");
        await lab.RunAsync("snapshot", "base", "take", "clean");
        await using var hypervisor = lab.Open();

        await hypervisor.EnsureClonedAsync(lab.Specify("one") with { Seed = Seeds.Make() }, Token);

        Assert.Contains("\"my IDE-1-0\"=\"" + lab.Options.MachineFolder, await lab.RunAsync("showvminfo", lab.UuidOf("one"), "--machinereadable"), StringComparison.Ordinal);
        await hypervisor.EnsureGoneAsync(One, Token);
        Assert.Contains("\"my IDE-1-0\"=\"emptydrive\"", await lab.RunAsync("showvminfo", "base", "--machinereadable"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task An_image_without_a_free_port_is_refused_and_nothing_is_left()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeMachineAsync("base");
        await lab.RunAsync("storagectl", "base", "--name", "SATA", "--portcount", "1");
        await lab.RunAsync("snapshot", "base", "take", "clean");
        await using var hypervisor = lab.Open();

        var refusal = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(lab.Specify("one") with { Seed = Seeds.Make() }, Token));

        Assert.Equal(HypervisorFault.ImageUnusable, refusal.Fault);
        Assert.Equal(
            "Image machine 'base' has no free port for the drive of a seed. Give it an empty drive on a SATA or IDE controller, and take its snapshot anew: VBoxManage storagectl 'base' --name SATA --portcount 4",
            refusal.Message);
        Assert.Empty(await hypervisor.ListAsync(Token));
        Assert.False(Directory.Exists(new VmMark(lab.Options.MachineFolder).FolderOf(One)));
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
    }

    [Fact(Timeout = Patience)]
    public async Task A_seed_that_virtualbox_does_not_forget_stops_no_removal()
    {
        await using var box = await FaultyVirtualBox.OpenAsync();
        await using var hypervisor = box.Lab.Open();
        await hypervisor.EnsureClonedAsync(box.Lab.Specify("one") with { Seed = Seeds.Make() }, Token);
        box.Arm("closemedium", "hang", TimeSpan.FromSeconds(15));

        await hypervisor.EnsureGoneAsync(One, Token);

        Assert.True(box.Struck);
        box.Disarm();
        Assert.DoesNotContain(await hypervisor.ListAsync(Token), seen => seen.Id == One);
        await box.AssertNothingIsLeftAsync();
    }

    /// <summary>As a server leaves it that was killed right after the clone was made, or while it was removed.</summary>
    [Fact(Timeout = Patience)]
    public async Task What_a_killed_server_left_of_a_seed_is_removed_with_the_rest()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one") with { Seed = Seeds.Make() }, Token);
        await lab.RunAsync("unregistervm", lab.UuidOf("one"));

        await hypervisor.EnsureGoneAsync(One, Token);

        Assert.False(Directory.Exists(new VmMark(lab.Options.MachineFolder).FolderOf(One)));
        Assert.Equal("", (await lab.RunAsync("list", "dvds")).Trim());
        await hypervisor.EnsureClonedAsync(lab.Specify("one") with { Seed = Seeds.Make() }, Token);
        Assert.Equal([new SeenVm(One, VmPower.Off)], await hypervisor.ListAsync(Token));
    }
}
