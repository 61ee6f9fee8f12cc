using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>VirtualBox empties settings files on a full disk, and says that all is well.</summary>
public sealed class VirtualBoxFullDisk
{
    private const int Patience = 300_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = Patience)]
    [InlineData("guestproperty", "set", "victim", "label", "x")]
    [InlineData("modifyvm", "victim", "--memory", "300")]
    public async Task Danger_4_a_bare_change_on_a_full_disk_says_success_and_empties_the_settings(params string[] change)
    {
        using var disk = await SmallDisk.MountAsync(16);
        await using var lab = await VirtualBoxLab.OpenAsync();
        var settings = Path.Combine(disk.Folder, "victim", "victim.vbox");
        await lab.RunAsync("createvm", "--name", "victim", "--basefolder", disk.Folder, "--register");
        disk.Fill();

        var result = await lab.TryRunAsync(change);
        await lab.RestartServiceAsync(() => { });

        Assert.True(result.Succeeded);
        Assert.Equal(0, new FileInfo(settings).Length);
        Assert.Contains("<inaccessible>", await lab.RunAsync("list", "vms"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Danger_4_no_machine_is_made_or_changed_when_the_reserve_is_touched_and_none_is_harmed()
    {
        using var disk = await SmallDisk.MountAsync(32);
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        lab.Options.MachineFolder = Path.Combine(disk.Folder, "machines");
        lab.Options.ReserveBytes = 8 * 1024 * 1024;
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        var before = Files(lab.Options.MachineFolder);
        disk.Fill();

        var clone = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(lab.Specify("two"), Token));
        var start = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureStartedAsync(VmId.Parse("one"), Token));

        Assert.Equal([HypervisorFault.DiskFull, HypervisorFault.DiskFull], [clone.Fault, start.Fault]);
        Assert.Equal(before, Files(lab.Options.MachineFolder));
        Assert.Equal([new SeenVm(VmId.Parse("one"), VmPower.Off)], await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task Danger_4_a_machine_can_be_removed_from_a_disk_that_is_full_to_the_last_byte()
    {
        using var disk = await SmallDisk.MountAsync(32);
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        lab.Options.MachineFolder = Path.Combine(disk.Folder, "machines");
        lab.Options.ReserveBytes = 8 * 1024 * 1024;
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        disk.Fill();

        await hypervisor.EnsureGoneAsync(VmId.Parse("one"), Token);

        Assert.Empty(await hypervisor.ListAsync(Token));
        Assert.Empty(Files(lab.Options.MachineFolder));
        Assert.True((await hypervisor.InspectAsync(lab.Image, Token)).IsUsable);
    }

    [Fact(Timeout = Patience)]
    public async Task Danger_4_where_all_is_on_one_full_disk_a_machines_own_disk_makes_the_room_for_its_removal()
    {
        using var disk = await SmallDisk.MountAsync(32);
        await using var lab = await VirtualBoxLab.OpenAsync(Directory.CreateDirectory(Path.Combine(disk.Folder, Guid.NewGuid().ToString("N"))).FullName);
        var settings = await lab.MakeImageAsync("base");
        lab.Options.ReserveBytes = 8 * 1024 * 1024;
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        var own = Directory.EnumerateFiles(lab.Options.MachineFolder, "*.vdi", SearchOption.AllDirectories).Single();
        await File.AppendAllBytesAsync(own, new byte[4 * 1024 * 1024], Token);
        disk.Fill();

        await hypervisor.EnsureGoneAsync(VmId.Parse("one"), Token);

        Assert.Empty(await hypervisor.ListAsync(Token));
        Assert.Empty(Files(lab.Options.MachineFolder));
        Assert.NotEqual(0, new FileInfo(settings).Length);
        Assert.NotEqual(0, new FileInfo(Path.Combine(lab.Options.UserHome!, "VirtualBox.xml")).Length);
        Assert.True((await hypervisor.InspectAsync(lab.Image, Token)).IsUsable);
    }

    [Fact(Timeout = Patience)]
    public async Task Danger_4_the_settings_of_the_base_are_not_put_at_risk_by_a_clone_on_another_disk()
    {
        using var disk = await SmallDisk.MountAsync(32);
        await using var lab = await VirtualBoxLab.OpenAsync(Directory.CreateDirectory(Path.Combine(disk.Folder, "lab-" + Guid.NewGuid().ToString("N"))).FullName);
        var settings = await lab.MakeImageAsync("base");
        using var elsewhere = new TemporaryFolder();
        lab.Options.MachineFolder = elsewhere.Path;
        lab.Options.ReserveBytes = 1024 * 1024;
        await using var hypervisor = lab.Open();
        disk.Fill();

        var clone = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(lab.Specify("one"), Token));

        Assert.Equal(HypervisorFault.DiskFull, clone.Fault);
        Assert.NotEqual(0, new FileInfo(settings).Length);
        Assert.Empty(Files(elsewhere.Path));
    }

    private static List<string> Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order().Select(file => $"{file} {new FileInfo(file).Length}")];

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("vbdp-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
