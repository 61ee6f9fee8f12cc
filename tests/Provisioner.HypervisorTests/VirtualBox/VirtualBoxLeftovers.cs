using Microsoft.Extensions.Time.Testing;
using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>What crashes leave on the real VBoxManage, and what only looks as if it were ours.</summary>
public sealed class VirtualBoxLeftovers
{
    private const int Patience = 300_000;

    private readonly VmId one = VmId.Parse("one");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task A_clone_that_was_cut_short_is_not_listed_and_is_made_anew()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        await lab.RunAsync("modifyvm", lab.UuidOf("one"), "--description", "");

        var cut = await hypervisor.ListAsync(Token);
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);

        Assert.Empty(cut);
        Assert.Equal([new SeenVm(one, VmPower.Off)], await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task What_a_killed_clone_left_in_its_folder_is_not_in_the_way()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        Directory.CreateDirectory(Path.Combine(lab.Options.MachineFolder, "vbdp-one", "Snapshots"));
        await File.WriteAllTextAsync(Path.Combine(lab.Options.MachineFolder, "vbdp-one", "vbdp-one.vbox"), "half", Token);
        await File.WriteAllTextAsync(Path.Combine(lab.Options.MachineFolder, "vbdp-one", "Snapshots", "half.vdi"), "half", Token);

        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        await hypervisor.EnsureGoneAsync(one, Token);

        Assert.Empty(Directory.EnumerateFileSystemEntries(lab.Options.MachineFolder));
    }

    [Fact(Timeout = Patience)]
    public async Task Leftovers_that_nobody_asks_for_are_swept_after_a_while_and_nothing_else_is()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var hypervisor = lab.Open(time);
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        await hypervisor.EnsureClonedAsync(lab.Specify("cut"), Token);
        await lab.RunAsync("modifyvm", lab.UuidOf("cut"), "--description", "");
        Directory.CreateDirectory(Path.Combine(lab.Options.MachineFolder, "vbdp-empty"));
        Directory.CreateDirectory(Path.Combine(lab.Options.MachineFolder, "mine"));

        await hypervisor.ListAsync(Token);
        var before = Folders(lab);
        time.Advance(TimeSpan.FromMinutes(2));
        await hypervisor.ListAsync(Token);

        Assert.Equal(["mine", "vbdp-cut", "vbdp-empty", "vbdp-one"], before);
        Assert.Equal(["mine", "vbdp-one"], Folders(lab));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_of_others_in_a_folder_that_has_the_name_of_ours_is_left_alone()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await lab.RunAsync("createvm", "--name", "vbdp-one", "--basefolder", lab.Options.MachineFolder, "--register");

        await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(lab.Specify("one"), Token));
        await hypervisor.EnsureGoneAsync(one, Token);

        Assert.Empty(await hypervisor.ListAsync(Token));
        Assert.Contains("\"vbdp-one\"", await lab.RunAsync("list", "vms"), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(lab.Options.MachineFolder, "vbdp-one", "vbdp-one.vbox")));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_of_ours_that_somebody_renamed_is_theirs()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        await lab.RunAsync("modifyvm", lab.UuidOf("one"), "--name", "kept for later");

        await hypervisor.EnsureGoneAsync(one, Token);
        await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(lab.Specify("one"), Token));

        Assert.Empty(await hypervisor.ListAsync(Token));
        Assert.Contains("\"kept for later\"", await lab.RunAsync("list", "vms"), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_was_unregistered_behind_our_back_can_be_removed_and_made_anew()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);
        await lab.RunAsync("unregistervm", lab.UuidOf("one"));

        var seen = await hypervisor.ListAsync(Token);
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);

        Assert.Empty(seen);
        Assert.Equal([new SeenVm(one, VmPower.Off)], await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task No_clone_is_put_into_the_folder_of_a_machine_of_others_whatever_that_is_called()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();
        var settings = Path.Combine(Directory.CreateDirectory(Path.Combine(lab.Options.MachineFolder, "vbdp-one")).FullName, "theirs.vbox");
        await lab.RunAsync("createvm", "--name", "theirs", "--basefolder", lab.Folder);
        File.Move(Path.Combine(lab.Folder, "theirs", "theirs.vbox"), settings);
        await lab.RunAsync("registervm", settings);

        await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(lab.Specify("one"), Token));
        await hypervisor.EnsureGoneAsync(one, Token);

        Assert.True(File.Exists(settings));
    }

    private static List<string?> Folders(VirtualBoxLab lab) =>
        [.. Directory.EnumerateDirectories(lab.Options.MachineFolder).Select(Path.GetFileName).Order()];
}
