using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>What VirtualBox does to those who use it plainly, and what it cannot do to us.</summary>
public sealed class VirtualBoxDangers
{
    private const int Patience = 300_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task Plainly_deleting_a_base_unregisters_it_under_its_clones_and_ours_cannot_name_one()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("harmed");
        await lab.CloneAsync("harmed", "bare-1");
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);

        Assert.False((await lab.TryRunAsync("unregistervm", "harmed", "--delete")).Succeeded);
        await hypervisor.EnsureGoneAsync(VmId.Parse("base"), Token);

        var listed = await lab.RunAsync("list", "vms");
        Assert.DoesNotContain("\"harmed\"", listed, StringComparison.Ordinal);
        Assert.Contains("\"base\"", listed, StringComparison.Ordinal);
        Assert.True((await hypervisor.InspectAsync(lab.Image, Token)).IsUsable);
    }

    [Theory(Timeout = Patience)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_last_clone_of_a_base_that_was_unregistered_takes_the_base_disk_with_it_but_not_ours(bool ours)
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        var settings = await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await (ours ? hypervisor.EnsureClonedAsync(lab.Specify("one"), Token) : lab.CloneAsync("base", "bare-1"));
        await lab.RunAsync("unregistervm", "base");

        await (ours ? hypervisor.EnsureGoneAsync(VmId.Parse("one"), Token) : lab.RunAsync("unregistervm", "bare-1", "--delete"));

        Assert.Equal(ours, File.Exists(Path.ChangeExtension(settings, ".vdi")));
        Assert.Empty(await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_disk_that_others_use_too_stays_when_our_machine_goes()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        var shared = Path.Combine(lab.Folder, "shared.vdi");
        await lab.RunAsync("createmedium", "disk", "--filename", shared, "--size", "8");
        await lab.RunAsync("storageattach", lab.UuidOf("one"), "--storagectl", "SATA", "--port", "1", "--device", "0", "--type", "hdd", "--medium", shared);

        await hypervisor.EnsureGoneAsync(VmId.Parse("one"), Token);

        Assert.True(File.Exists(shared));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_whose_settings_were_emptied_is_listed_as_broken_and_can_be_removed()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        await hypervisor.EnsureClonedAsync(lab.Specify("two"), Token);
        await lab.RestartServiceAsync(() => File.WriteAllText(Path.Combine(lab.Options.MachineFolder, "vbdp-one", "vbdp-one.vbox"), ""));

        var seen = await hypervisor.ListAsync(Token);
        await hypervisor.EnsureGoneAsync(VmId.Parse("one"), Token);

        Assert.Equal([new(VmId.Parse("one"), VmPower.Broken), new(VmId.Parse("two"), VmPower.Off)], seen);
        Assert.Equal([new SeenVm(VmId.Parse("two"), VmPower.Off)], await hypervisor.ListAsync(Token));
        Assert.False(Directory.Exists(Path.Combine(lab.Options.MachineFolder, "vbdp-one")));
        Assert.DoesNotContain("<inaccessible>", await lab.RunAsync("list", "vms"), StringComparison.Ordinal);
        Assert.DoesNotContain("vbdp-one", await lab.RunAsync("list", "hdds"), StringComparison.Ordinal);
        Assert.True((await hypervisor.InspectAsync(lab.Image, Token)).IsUsable);
    }

    [Fact(Timeout = Patience)]
    public async Task Of_two_snapshots_with_one_name_none_is_guessed_and_a_uuid_decides()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await lab.RunAsync("snapshot", "base", "take", "clean");
        var listed = await lab.RunAsync("snapshot", "base", "list", "--machinereadable");
        var current = listed.Split("CurrentSnapshotUUID=\"")[1][..36];
        await using var hypervisor = lab.Open();

        var health = await hypervisor.InspectAsync(new BaseImage("base", "clean"), Token);

        Assert.Equal(HypervisorFault.SnapshotMissing, health.Fault);
        Assert.True((await hypervisor.InspectAsync(new BaseImage("base", current), Token)).IsUsable);
        Assert.True((await hypervisor.InspectAsync(new BaseImage("base"), Token)).IsUsable);
    }

    [Fact(Timeout = Patience)]
    public async Task Dead_disks_below_a_base_are_forgotten_when_the_driver_begins()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using (var earlier = lab.Open())
        {
            await earlier.EnsureClonedAsync(lab.Specify("one"), Token);
        }

        var folder = Path.Combine(lab.Options.MachineFolder, "vbdp-one");
        var disk = Directory.EnumerateFiles(Path.Combine(folder, "Snapshots"), "*.vdi").Single();
        // As a clone that is cut short leaves it: a disk in the registry, and no machine.
        await lab.RunAsync("unregistervm", lab.UuidOf("one"));
        await lab.RunAsync("showmediuminfo", "disk", disk);
        Directory.Delete(folder, recursive: true);

        await using var hypervisor = lab.Open();
        await hypervisor.ListAsync(Token);

        Assert.DoesNotContain("vbdp-one", await lab.RunAsync("list", "hdds"), StringComparison.Ordinal);
    }
}
