using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>
/// What VirtualBox does to those who use it plainly, and what it cannot do to us: each danger with bare commands, then with ours.
/// The fourth, the full disk, is shown in <see cref="VirtualBoxFullDisk"/>.
/// </summary>
public sealed class VirtualBoxDangers
{
    private const int Patience = 300_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task Danger_1_deleting_a_base_unregisters_it_under_its_clones_and_ours_cannot_name_one()
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
    public async Task Danger_2_the_last_clone_of_a_base_that_was_unregistered_takes_the_base_disk_with_it_but_not_ours(bool ours)
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

    [Theory(Timeout = Patience)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Danger_3_a_disk_that_others_use_too_goes_with_the_last_machine_that_has_it_but_not_with_ours(bool ours)
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await (ours ? hypervisor.EnsureClonedAsync(lab.Specify("one"), Token) : lab.CloneAsync("base", "bare-1"));
        var machine = ours ? lab.UuidOf("one") : "bare-1";
        var shared = Path.Combine(lab.Folder, "shared.vdi");
        await lab.RunAsync("createmedium", "disk", "--filename", shared, "--size", "8");
        await lab.RunAsync("storageattach", machine, "--storagectl", "SATA", "--port", "1", "--device", "0", "--type", "hdd", "--medium", shared);

        await (ours ? hypervisor.EnsureGoneAsync(VmId.Parse("one"), Token) : lab.RunAsync("unregistervm", machine, "--delete"));

        Assert.Equal(ours, File.Exists(shared));
        Assert.DoesNotContain("vbdp-one", await lab.RunAsync("list", "vms"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Danger_5_deleting_a_machine_whose_settings_are_lost_fails_and_forgets_it_with_its_files_in_place()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await lab.CloneAsync("base", "bare-1");
        var settings = Path.Combine(lab.Folder, "bare", "bare-1", "bare-1.vbox");
        var uuid = RegisteredVm.ParseList(await lab.RunAsync("list", "vms")).Single(vm => vm.Name == "bare-1").Uuid.ToString();
        await lab.RestartServiceAsync(() => File.WriteAllText(settings, ""));

        var result = await lab.TryRunAsync("unregistervm", uuid, "--delete");

        Assert.False(result.Succeeded);
        Assert.DoesNotContain(uuid, await lab.RunAsync("list", "vms"), StringComparison.Ordinal);
        Assert.True(File.Exists(settings));
    }

    [Fact(Timeout = Patience)]
    public async Task Danger_5_ours_is_listed_as_broken_then_and_goes_with_all_its_files()
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
    public async Task Danger_6_of_two_snapshots_with_one_name_the_oldest_is_taken_but_we_guess_none_and_a_uuid_decides()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await lab.RunAsync("modifyvm", "base", "--memory", "300");
        await lab.RunAsync("snapshot", "base", "take", "clean");
        var current = (await lab.RunAsync("snapshot", "base", "list", "--machinereadable")).Split("CurrentSnapshotUUID=\"")[1][..36];
        await using var hypervisor = lab.Open();

        await lab.CloneAsync("base", "bare-1");
        var refused = await hypervisor.InspectAsync(new BaseImage("base", "clean"), Token);
        await hypervisor.EnsureClonedAsync(lab.Specify("one") with { Image = new BaseImage("base", current) }, Token);

        Assert.NotEqual("300", await ShowAsync(lab, "bare-1", "memory"));
        Assert.Equal(HypervisorFault.SnapshotMissing, refused.Fault);
        Assert.Equal("300", await ShowAsync(lab, lab.UuidOf("one"), "memory"));
        Assert.True((await hypervisor.InspectAsync(new BaseImage("base"), Token)).IsUsable);
    }

    [Fact(Timeout = Patience)]
    public async Task Danger_7_a_snapshot_keeps_the_hardware_too_so_ours_has_what_was_asked_for_and_not_what_the_base_has_now()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        var memory = await ShowAsync(lab, "base", "memory");
        await lab.RunAsync("modifyvm", "base", "--memory", "300");
        await using var hypervisor = lab.Open();

        await lab.CloneAsync("base", "bare-1");
        await hypervisor.EnsureClonedAsync(lab.Specify("one") with { MemoryMegabytes = 300 }, Token);

        Assert.NotEqual("300", memory);
        Assert.Equal(memory, await ShowAsync(lab, "bare-1", "memory"));
        Assert.Equal("300", await ShowAsync(lab, lab.UuidOf("one"), "memory"));
    }

    [Fact(Timeout = Patience)]
    public async Task Danger_8_dead_disks_stay_in_the_registry_and_block_their_base_until_our_driver_begins()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        // As a clone leaves it that was killed before it was registered, and whose folder was deleted by hand.
        foreach (var name in (string[])["vbdp-one", "vbdp-two"])
        {
            await lab.RunAsync("clonevm", "base", "--snapshot", "clean", "--options", "link", "--name", name, "--basefolder", lab.Options.MachineFolder);
            Directory.Delete(Path.Combine(lab.Options.MachineFolder, name), recursive: true);
        }

        var blocked = await lab.TryRunAsync("snapshot", "base", "delete", "clean");
        await using var hypervisor = lab.Open();
        await hypervisor.ListAsync(Token);

        Assert.False(blocked.Succeeded);
        Assert.DoesNotContain("/vbdp-one/", await lab.RunAsync("list", "hdds"), StringComparison.Ordinal);
        await lab.RunAsync("snapshot", "base", "delete", "clean");
    }

    private static async Task<string> ShowAsync(VirtualBoxLab lab, string machine, string key) =>
        KeyValueText.Parse(await lab.RunAsync("showvminfo", machine, "--machinereadable")).First(pair => pair.Key == key).Value;
}
