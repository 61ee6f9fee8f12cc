using System.Diagnostics;
using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>What a plain clone leaves that is killed while its disk is written, and that ours, asked for the same place, is not stopped by it.</summary>
public sealed class VirtualBoxKilledPlainly
{
    private const int Patience = 300_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = Patience)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_clone_that_is_killed_while_it_is_made_stays_in_the_way_of_the_next_but_not_of_ours(bool service)
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        var folder = Directory.CreateDirectory(Path.Combine(lab.Options.MachineFolder, "vbdp-one")).FullName;
        await MakeBigAsync(lab);

        await KillAsync(lab, service, Path.Combine(folder, "vbdp-one.vdi"));
        var again = await lab.TryRunAsync("clonevm", "big", "--name", "vbdp-one", "--basefolder", lab.Options.MachineFolder, "--register");
        var before = await lab.RunAsync("list", "vms");
        await using var hypervisor = lab.Open();
        await hypervisor.EnsureClonedAsync(lab.Specify("one"), Token);

        Assert.False(again.Succeeded);
        Assert.DoesNotContain("vbdp-one\"", before, StringComparison.Ordinal);
        Assert.Equal([new SeenVm(VmId.Parse("one"), VmPower.Off)], await hypervisor.ListAsync(Token));
        await hypervisor.EnsureGoneAsync(VmId.Parse("one"), Token);
        Assert.Empty(Directory.EnumerateFileSystemEntries(lab.Options.MachineFolder));
        Assert.DoesNotContain("/vbdp-one/", await lab.RunAsync("list", "hdds"), StringComparison.Ordinal);
    }

    private static async Task MakeBigAsync(VirtualBoxLab lab)
    {
        await lab.MakeMachineAsync("big");
        var disk = Path.Combine(lab.Folder, "big.vdi");
        await lab.RunAsync("createmedium", "disk", "--filename", disk, "--size", "400", "--variant", "Fixed");
        await lab.RunAsync("storageattach", "big", "--storagectl", "SATA", "--port", "0", "--device", "0", "--type", "hdd", "--medium", disk);
    }

    private static async Task KillAsync(VirtualBoxLab lab, bool service, string disk)
    {
        var start = new ProcessStartInfo(lab.Program, ["clonevm", "big", "--name", "vbdp-one", "--basefolder", lab.Options.MachineFolder, "--register"]);
        start.Environment["VBOX_USER_HOME"] = lab.Options.UserHome;
        start.Environment["VBOX_IPC_SOCKETID"] = lab.Options.IpcSocketId;
        using var clone = Process.Start(start)!;
        while (!clone.HasExited && !(File.Exists(disk) && new FileInfo(disk).Length > 1024 * 1024))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, Token);
        }

        if (service)
        {
            await lab.RestartServiceAsync(() => { });
        }
        else
        {
            clone.Kill();
        }

        await clone.WaitForExitAsync(Token);
        // The service goes on without its client, and writes the settings last.
        while (!service && !File.Exists(Path.ChangeExtension(disk, ".vbox")))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }
}
