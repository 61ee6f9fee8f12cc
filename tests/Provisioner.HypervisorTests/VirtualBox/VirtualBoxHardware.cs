using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>Hardware profiles on the real VBoxManage: what it was told stands in the machine afterwards.</summary>
public sealed class VirtualBoxHardware
{
    private const int Patience = 300_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task A_clone_has_the_hardware_that_was_asked_for_and_no_filter_of_its_image()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeMachineAsync("base");
        await lab.RunAsync("usbfilter", "add", "0", "--target", "base", "--name", "theirs", "--vendorid", "1234");
        await lab.RunAsync("snapshot", "base", "take", "clean");
        await using var hypervisor = lab.Open();
        var hardware = new VmHardware
        {
            DiskMegabytes = 4096,
            Tpm = true,
            Nested = true,
            Usb = [new("096e", "0006", "AB 12"), new("046d", "c52b")],
            SerialPorts = ["/dev/ttyS0", "/dev/ttyUSB0"],
            Network = new(VmNetworkKind.HostOnly, "vboxnet0"),
        };

        await hypervisor.EnsureClonedAsync(lab.Specify("one") with { Hardware = hardware }, Token);

        var shown = KeyValueText.Parse(await lab.RunAsync("showvminfo", lab.UuidOf("one"), "--machinereadable"))
            .GroupBy(pair => pair.Key).ToDictionary(group => group.Key, group => group.First().Value);
        Assert.Equal("0x03f8,4 /dev/ttyS0 0x02f8,3 /dev/ttyUSB0 off", $"{shown["uart1"]} {shown["uartmode1"]} {shown["uart2"]} {shown["uartmode2"]} {shown["uart3"]}");
        Assert.Equal("on hostonly vboxnet0", $"{shown["nested-hw-virt"]} {shown["nic1"]} {shown["hostonlyadapter1"]}");
        Assert.Equal("vbdp-0 096e 0006 AB 12", $"{shown["USBFilterName1"]} {shown["USBFilterVendorId1"]} {shown["USBFilterProductId1"]} {shown["USBFilterSerialNumber1"]}");
        Assert.Equal("vbdp-1 046d c52b", $"{shown["USBFilterName2"]} {shown["USBFilterVendorId2"]} {shown["USBFilterProductId2"]}");
        Assert.DoesNotContain("USBFilterName3", shown.Keys);
        Assert.Equal("on", shown["xhci"]);
        var file = new VmMark(lab.Options.MachineFolder).SettingsFileOf(VmId.Parse("one"));
        Assert.Contains("<TrustedPlatformModule type=\"v2_0\"", await File.ReadAllTextAsync(file, Token), StringComparison.Ordinal);
        Assert.Contains("4096 MB", await lab.RunAsync("showmediuminfo", "disk", SettingsFile.TryRead(file)!.Disks[0].ToString()), StringComparison.Ordinal);
        await hypervisor.EnsureGoneAsync(VmId.Parse("one"), Token);
        Assert.Empty(await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_disk_that_was_asked_for_without_a_profile_is_the_clones_and_not_the_images()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        await using var hypervisor = lab.Open();

        await hypervisor.EnsureClonedAsync(lab.Specify("large") with { Hardware = new VmHardware { DiskMegabytes = 65536 } }, Token);
        await hypervisor.EnsureClonedAsync(lab.Specify("same") with { Hardware = new VmHardware { DiskMegabytes = 64 } }, Token);
        await hypervisor.EnsureClonedAsync(lab.Specify("plain"), Token);

        Assert.Equal(["65536 MB", "64 MB", "64 MB"], [await CapacityAsync(lab, "large"), await CapacityAsync(lab, "same"), await CapacityAsync(lab, "plain")]);
        Assert.Equal(64, (await hypervisor.InspectAsync(lab.Image, Token)).DiskMegabytes);
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_cannot_have_its_hardware_leaves_nothing_behind()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeMachineAsync("base");
        await lab.RunAsync("snapshot", "base", "take", "clean");
        await using var hypervisor = lab.Open();

        var refusal = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(lab.Specify("one") with { Hardware = new VmHardware { DiskMegabytes = 1 } }, Token));

        Assert.Equal(HypervisorFault.ImageUnusable, refusal.Fault);
        Assert.Contains("has 64 MiB, and one is to have 1. Ask for 64 or more", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await hypervisor.ListAsync(Token));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_without_a_disk_is_not_given_a_size_in_silence()
    {
        await using var lab = await VirtualBoxLab.OpenAsync();
        await lab.RunAsync("createvm", "--name", "base", "--ostype", "Debian_64", "--basefolder", Path.Combine(lab.Folder, "images"), "--register");
        await lab.RunAsync("snapshot", "base", "take", "clean");
        await using var hypervisor = lab.Open();

        var refusal = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(lab.Specify("one") with { Hardware = new VmHardware { DiskMegabytes = 128 } }, Token));

        Assert.Equal("Image machine 'base' has no disk that could have 128 MiB. Ask for no size, or give it a disk.", refusal.Message);
        Assert.Empty(await hypervisor.ListAsync(Token));
    }

    private static async Task<string> CapacityAsync(VirtualBoxLab lab, string id)
    {
        var file = new VmMark(lab.Options.MachineFolder).SettingsFileOf(VmId.Parse(id));
        var told = await lab.RunAsync("showmediuminfo", "disk", SettingsFile.TryRead(file)!.Disks[0].ToString());
        return told.Split('\n').Single(line => line.StartsWith("Capacity:", StringComparison.Ordinal))["Capacity:".Length..].Trim().Replace("MBytes", "MB", StringComparison.Ordinal);
    }
}
