using System.Diagnostics;
using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.Qemu;

public sealed class QemuRestartTests : QemuFacts
{
    [Fact(Timeout = Patience)]
    public async Task A_machine_outlives_its_server_and_the_next_one_sets_it_to_work()
    {
        var first = Open();
        var id = await RunAsync(first, "survivor");
        await ReportAsync(first, id, GuestPhase.Ready);
        var pid = QemuOf(id).Id;
        await first.DisposeAsync();

        var second = Open();
        var result = await AskGuestAsync(second, id, "phase online; phase 'done:' worked");

        Assert.Equal("worked", result);
        Assert.Equal(pid, QemuOf(id).Id);
    }

    [Fact(Timeout = Patience)]
    public async Task What_a_guest_said_and_did_while_no_server_ran_is_learnt_by_the_next()
    {
        var first = Open();
        var id = await RunAsync(first, "alone");
        await ReportAsync(first, id, GuestPhase.Ready);
        await first.ConfigureAsync(id, TinyGuest.Script("phase 'failed:' no luck; sleep 1; poweroff -f"), Token);
        await ReportAsync(first, id, GuestPhase.Failed);
        var qemu = QemuOf(id);
        await first.DisposeAsync();
        await qemu.WaitForExitAsync(Token);

        var second = Open();

        Assert.Equal([new SeenVm(id, VmPower.Off)], await second.ListAsync(Token));
        Assert.Equal(new GuestReport(GuestPhase.Failed, "no luck"), await ReportAsync(second, id, GuestPhase.Failed));
        Assert.Contains("phase: failed: no luck", await second.ReadConsoleAsync(id, Token), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_killed_QEMU_is_seen_and_its_machine_can_be_removed()
    {
        var hypervisor = Open();
        var id = await RunAsync(hypervisor, "killed");

        QemuOf(id).Kill();

        await AwaitPowerAsync(hypervisor, id, VmPower.Off);
        await hypervisor.EnsureGoneAsync(id, Token);
        Assert.Empty(Rig.FilesOfMachines());
    }

    [Fact(Timeout = Patience)]
    public async Task A_guest_that_powers_off_ends_its_QEMU_and_its_console_can_still_be_read()
    {
        var hypervisor = Open();
        var id = await RunAsync(hypervisor, "finished");
        var qemu = QemuOf(id);

        await AskGuestAsync(hypervisor, id, "echo 'famous last words'; phase 'done:' bye; poweroff -f");
        await qemu.WaitForExitAsync(Token);

        await AwaitPowerAsync(hypervisor, id, VmPower.Off);
        Assert.Contains("famous last words", await hypervisor.ReadConsoleAsync(id, Token), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_QEMU_that_hangs_is_broken_and_can_be_removed()
    {
        var first = Open();
        var id = await RunAsync(first, "hung");
        await first.DisposeAsync();
        using var stop = Process.Start("kill", ["-STOP", $"{QemuOf(id).Id}"]);
        await stop.WaitForExitAsync(Token);
        Rig.Options.Deadline = TimeSpan.FromSeconds(1);

        var second = Open();

        Assert.Equal([new SeenVm(id, VmPower.Broken)], await second.ListAsync(Token));
        await second.EnsureGoneAsync(id, Token);
        Assert.Empty(Rig.FilesOfMachines());
    }

    [Fact(Timeout = Patience)]
    public async Task Half_made_folders_are_swept_and_folders_of_others_are_not()
    {
        var leftover = Directory.CreateDirectory(Path.Combine(Rig.Folder, "vbdp-half"));
        await File.WriteAllTextAsync(Path.Combine(leftover.FullName, "disk.qcow2"), "", Token);
        await Rig.AddForeignAsync("vbdp-theirs", Token);

        Assert.Empty(await Open().ListAsync(Token));

        Assert.False(Directory.Exists(leftover.FullName));
        Assert.True(await Rig.HasForeignAsync("vbdp-theirs", Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_whose_settings_are_unreadable_is_broken_and_can_be_removed()
    {
        var hypervisor = Open();
        var id = await CloneAsync(hypervisor, "torn");
        await File.WriteAllTextAsync(Path.Combine(Rig.Folder, "vbdp-torn", "vm.json"), "{", Token);

        Assert.Equal([new SeenVm(id, VmPower.Broken)], await hypervisor.ListAsync(Token));
        await hypervisor.EnsureGoneAsync(id, Token);
        Assert.Empty(Rig.FilesOfMachines());
    }
}
