using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>What a real QEMU makes of a saved state.</summary>
public sealed class QemuStateTests : QemuFacts
{
    private const string BootLine = "tiny guest: ";

    [Fact(Timeout = Patience)]
    public async Task A_guest_goes_on_in_the_middle_of_its_life_and_does_not_boot()
    {
        var hypervisor = Open();
        var id = await SaveAsync(hypervisor, "state-1");

        await hypervisor.EnsureStartedAsync(id, Token);

        Assert.Equal("goes on", await AskGuestAsync(hypervisor, id, "phase 'done: goes on'"));
        Assert.DoesNotContain(BootLine, await hypervisor.ReadConsoleAsync(id, Token), StringComparison.Ordinal);
        Assert.Null(Folder(id).Load().State); // no second guest goes on from it
    }

    [Fact(Timeout = Patience)]
    public async Task Its_clock_is_put_right()
    {
        var id = await SaveAsync(Open(), "state-2");
        await using var later = new QemuHypervisor(Rig.Options, new AnHourLater(), NullLogger<QemuHypervisor>.Instance);

        await later.EnsureStartedAsync(id, Token);

        var clock = long.Parse(await AskGuestAsync(later, id, "phase \"done: $(date +%s)\""), CultureInfo.InvariantCulture);
        Assert.True(clock >= TimeProvider.System.GetUtcNow().AddMinutes(30).ToUnixTimeSeconds(), $"{clock}");
    }

    [Fact(Timeout = Patience)]
    public async Task A_state_that_is_lost_costs_a_boot_and_no_failure()
    {
        var hypervisor = Open();
        var id = await SaveAsync(hypervisor, "state-3");
        using var dropping = Process.Start("qemu-img", ["snapshot", "-d", Folder(id).Load().State!, Folder(id).Disk]);
        await dropping.WaitForExitAsync(Token);
        Assert.Equal(0, dropping.ExitCode);

        await hypervisor.EnsureStartedAsync(id, Token);

        await ReportAsync(hypervisor, id, GuestPhase.Ready);
        Assert.Contains(BootLine, await hypervisor.ReadConsoleAsync(id, Token), StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task A_disk_that_is_too_small_for_the_state_is_told_and_the_machine_can_be_removed()
    {
        await using var disk = await SmallDisk.MountAsync(Rig.Folder, "4m");
        Rig.Options.FreeSpaceReserveMegabytes = 0;
        var hypervisor = Open();
        var id = await RunAsync(hypervisor, "state-4");
        await ReportAsync(hypervisor, id, GuestPhase.Ready);

        var failure = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureSavedAsync(id, Token));

        Assert.Equal(HypervisorFault.DiskFull, failure.Fault);
        await hypervisor.EnsureGoneAsync(id, Token);
        Assert.Empty(Rig.FilesOfMachines());
    }

    private async Task<VmId> SaveAsync(QemuHypervisor hypervisor, string name)
    {
        var id = await RunAsync(hypervisor, name);
        await ReportAsync(hypervisor, id, GuestPhase.Ready);
        await hypervisor.EnsureSavedAsync(id, Token);
        return id;
    }

    private MachineFolder Folder(VmId id) => new(Rig.Folder, id);

    private sealed class AnHourLater : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddHours(1);
    }
}
