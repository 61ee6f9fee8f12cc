using System.Diagnostics;
using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.Qemu;

public sealed class QemuTroubleTests : QemuFacts
{
    [Fact(Timeout = Patience)]
    public async Task Too_little_free_space_refuses_a_clone_and_leaves_nothing()
    {
        Rig.Options.FreeSpaceReserveMegabytes = int.MaxValue;

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => CloneAsync(Open(), "big"));

        Assert.Equal(HypervisorFault.DiskFull, failure.Fault);
        Assert.Empty(Rig.FilesOfMachines());
    }

    [Fact(Timeout = Patience)]
    public async Task A_full_disk_fails_a_clone_and_leaves_nothing()
    {
        await using var disk = await SmallDisk.MountAsync(Rig.Folder, "100k");
        Rig.Options.FreeSpaceReserveMegabytes = 0;

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => CloneAsync(Open(), "big"));

        Assert.Equal(HypervisorFault.DiskFull, failure.Fault);
        Assert.Empty(Rig.FilesOfMachines());
    }

    [Fact(Timeout = Patience)]
    public async Task A_disk_that_fills_up_under_a_running_machine_makes_it_broken_and_it_can_be_removed()
    {
        await using var disk = await SmallDisk.MountAsync(Rig.Folder, "2m");
        Rig.Options.FreeSpaceReserveMegabytes = 0;
        var hypervisor = Open();
        var id = await RunAsync(hypervisor, "greedy");
        await ReportAsync(hypervisor, id, GuestPhase.Ready);

        await hypervisor.ConfigureAsync(id, TinyGuest.Script("dd if=/dev/urandom of=/dev/vda bs=1M count=8 seek=20 conv=fsync"), Token);

        await AwaitPowerAsync(hypervisor, id, VmPower.Broken);
        await hypervisor.EnsureGoneAsync(id, Token);
        Assert.Empty(Rig.FilesOfMachines());
    }

    [Fact(Timeout = Patience)]
    public async Task A_hanging_qemu_img_is_given_up_and_leaves_nothing()
    {
        Rig.Options.ImageProgram = await ProgramAsync("qemu-img", "sleep 600");
        Rig.Options.Deadline = TimeSpan.FromSeconds(1);

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => CloneAsync(Open(), "slow"));

        Assert.Equal(HypervisorFault.TimedOut, failure.Fault);
        Assert.Empty(await Open().ListAsync(Token));
        Assert.False(Directory.Exists(Path.Combine(Rig.Folder, "vbdp-slow")));
    }

    [Fact(Timeout = Patience)]
    public async Task A_qemu_img_that_hangs_while_it_clones_leaves_nothing()
    {
        Rig.Options.ImageProgram = await ProgramAsync("qemu-img", "[ $1 = create ] && sleep 600; exec qemu-img \"$@\"");
        Rig.Options.Deadline = TimeSpan.FromSeconds(5);

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => CloneAsync(Open(), "slow"));

        Assert.Equal(HypervisorFault.TimedOut, failure.Fault);
        Assert.False(Directory.Exists(Path.Combine(Rig.Folder, "vbdp-slow")));
    }

    [Fact(Timeout = Patience)]
    public async Task Missing_programs_are_named_with_the_remedy()
    {
        Rig.Options.Program = "/nowhere/qemu-system-x86_64";
        var hypervisor = Open();
        var id = await CloneAsync(hypervisor, "unstarted");

        var health = await hypervisor.CheckAsync(Token);
        var failure = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureStartedAsync(id, Token));

        Assert.False(health.CanStart);
        Assert.Contains("apt install qemu-system-x86 qemu-utils", health.Detail, StringComparison.Ordinal);
        Assert.Equal(HypervisorFault.ProgramMissing, failure.Fault);
        Assert.Equal([new SeenVm(id, VmPower.Off)], await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task What_QEMU_says_when_it_cannot_start_is_told_and_the_machine_stays_off()
    {
        Rig.Options.DefaultMemoryMegabytes = 4_000_000;
        var hypervisor = Open();
        var id = await CloneAsync(hypervisor, "huge");

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureStartedAsync(id, Token));

        Assert.Equal(HypervisorFault.CannotStart, failure.Fault);
        Assert.Contains("memory", failure.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal([new SeenVm(id, VmPower.Off)], await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task The_longest_id_in_a_deep_folder_runs_although_sockets_have_short_addresses()
    {
        Rig.Options.Folder = Directory.CreateDirectory(Path.Combine(Rig.Folder, new string('d', 120))).FullName;
        var hypervisor = Open();
        var id = await RunAsync(hypervisor, new string('x', VmId.MaxLength));

        await ReportAsync(hypervisor, id, GuestPhase.Ready);

        await hypervisor.EnsureGoneAsync(id, Token);
        Assert.Single(Rig.FilesOfMachines());
    }

    [Fact(Timeout = Patience)]
    public async Task The_environment_of_the_server_is_kept_from_QEMU()
    {
        Environment.SetEnvironmentVariable("VBDP_CANARY", "secret");
        var hypervisor = Open();
        var id = await RunAsync(hypervisor, "bare");

        var environment = await File.ReadAllTextAsync($"/proc/{QemuOf(id).Id}/environ", Token);

        Assert.Contains("LANG=C.UTF-8", environment, StringComparison.Ordinal);
        Assert.DoesNotContain("CANARY", environment, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Only_the_servers_user_may_open_what_belongs_to_a_machine()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var hypervisor = Open();
        var id = await RunAsync(hypervisor, "private");
        await ReportAsync(hypervisor, id, GuestPhase.Ready);

        var open = Rig.FilesOfMachines().Where(path => !OperatingSystem.IsWindows()
            && (File.GetUnixFileMode(path) & (UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0);

        Assert.Empty(open);
    }

    private static async Task<string> ProgramAsync(string name, string behaviour)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("vbdp-program-").FullName, name);
        using var writing = Process.Start("sh", ["-c", "printf '#!/bin/sh\\n%s\\n' \"$1\" >\"$0\" && chmod 700 \"$0\"", path, behaviour]);
        await writing.WaitForExitAsync(Token);
        return path;
    }
}
