using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>
/// Hardware on the real QEMU, seen by a guest. Where this host lacks a device, a script in QEMU's place puts an emulated one there and leaves all
/// other arguments as they are.
/// </summary>
public sealed class QemuHardwareTests : QemuFacts
{
    private string Host => Path.Combine(Rig.Folder, "host");

    [Fact(Timeout = Patience)]
    public async Task A_guest_has_its_usb_device_its_pci_devices_and_its_larger_disk()
    {
        Plug();
        Rig.Options.Program = await StandInAsync("s/^usb-host,bus=usb.0,.*/usb-kbd,bus=usb.0/; s/^vfio-pci,host=[^,]*,/pci-testdev,/");
        await using var hypervisor = OpenHere();
        var id = await RunAsync(hypervisor, "equipped", new VmHardware { DiskMegabytes = 3000, Usb = [new("096e", "0006")], Pci = ["0000:01:00.0", "0000:01:00.1"], Nested = false });

        var said = await AskGuestAsync(hypervisor, id, """
            phase "done: testdevs=$(cat /sys/bus/pci/devices/*/device | grep -c 0x0005) xhci=$(cat /sys/bus/pci/devices/*/device | grep -c 0x000d) ports=$(cat /sys/bus/pci/devices/*/device | grep -c 0x000c) disk=$(cat /sys/block/vda/size)"
            """);

        Assert.Equal($"testdevs=2 xhci=1 ports=2 disk={3000 * 2048}", said);
    }

    [Fact(Timeout = Patience)]
    public async Task What_a_guest_writes_to_its_serial_port_comes_out_of_the_hosts()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/socat"), "socat is not installed (apt install socat).");
        Directory.CreateDirectory(Path.Combine(Host, "dev"));
        var (port, heard) = (Path.Combine(Rig.Folder, "port"), Path.Combine(Rig.Folder, "heard"));
        using var socat = Process.Start("socat", ["-u", $"PTY,link={port},raw,echo=0,wait-slave", $"CREATE:{heard}"]);
        await AwaitAsync(() => File.Exists(port));
        var path = new FileInfo(port).LinkTarget!;
        Directory.CreateDirectory(Path.GetDirectoryName(Host + path)!);
        await File.WriteAllTextAsync(Host + path, "", Token);
        await using var hypervisor = OpenHere();
        var id = await RunAsync(hypervisor, "wired", new VmHardware { SerialPorts = [path] });

        await AskGuestAsync(hypervisor, id, "echo through the wire >/dev/ttyS1; phase \"done: said\"");

        await AwaitAsync(() => File.Exists(heard) && File.ReadAllText(heard).Contains("through the wire", StringComparison.Ordinal));
        socat.Kill();
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_with_a_tpm_has_a_program_for_it_that_ends_with_it()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/swtpm"), "swtpm is not installed (apt install swtpm).");
        await using var hypervisor = OpenHere();
        var id = await RunAsync(hypervisor, "trusted", new VmHardware { Tpm = true });
        await ReportAsync(hypervisor, id, GuestPhase.Ready);
        var pid = Path.Combine(Rig.Folder, "vbdp-trusted", "swtpm.pid");
        var argument = $"file={pid}";
        Assert.NotNull(RecordedProcess.Find(pid, argument));
        using var swtpm = RecordedProcess.Find(pid, argument)!;

        await hypervisor.EnsureGoneAsync(id, Token);

        Assert.True(await swtpm.AwaitExitAsync(TimeSpan.FromMinutes(1), TimeProvider.System, Token));
        Assert.False(Directory.Exists(Path.Combine(Rig.Folder, "vbdp-trusted")));
    }

    [Fact(Timeout = Patience)]
    public async Task A_device_that_was_pulled_out_is_named_and_the_machine_does_not_start()
    {
        await using var hypervisor = OpenHere();
        var refusal = await Assert.ThrowsAsync<HypervisorException>(() => RunAsync(hypervisor, "bare", new VmHardware { Usb = [new("096e", "0006")] }));

        Assert.Equal((HypervisorFault.DeviceAbsent, "The USB device 096e:0006 is absent. Plug it in."), (refusal.Fault, refusal.Message));
        Assert.Equal(VmPower.Off, Assert.Single(await hypervisor.ListAsync(Token)).Power);
        await hypervisor.EnsureGoneAsync(VmId.Parse("bare"), Token);
    }

    [Fact(Timeout = Patience)]
    public async Task A_disk_that_is_smaller_than_its_image_is_refused()
    {
        await using var hypervisor = OpenHere();
        var refusal = await Assert.ThrowsAsync<HypervisorException>(() => RunAsync(hypervisor, "small", new VmHardware { DiskMegabytes = 1 }));

        Assert.Equal(HypervisorFault.ImageUnusable, refusal.Fault);
        Assert.Matches(@"has \d+ MiB, and small is to have 1\. Ask for \d+ or more", refusal.Message);
        Assert.False(Directory.Exists(Path.Combine(Rig.Folder, "vbdp-small")));
        Assert.Empty(await hypervisor.ListAsync(Token));
    }

    /// <summary>What QEMU misses is the device, and not a word of ours.</summary>
    [Theory(Timeout = Patience)]
    [InlineData("-device", "vfio-pci,host=0000:ff:1f.7,bus=port0", "0000:ff:1f.7")]
    [InlineData("-object", "memory-backend-epc,id=epc0,size=64M,prealloc=on", "invalid object type: memory-backend-epc")] // it has that type where there is /dev/sgx_vepc
    [InlineData("-netdev", "bridge,id=net,br=no-such-br", "bridge helper failed")]
    public async Task What_this_host_has_not_is_all_that_qemu_complains_of(string option, string value, string complaint)
    {
        var start = new ProcessStartInfo("qemu-system-x86_64", ["-machine", "q35", "-accel", "tcg", "-nodefaults", "-display", "none", "-S", "-device", "pcie-root-port,id=port0,chassis=1,slot=1", option, value]) { RedirectStandardError = true };
        using var qemu = Process.Start(start)!;
        var said = await qemu.StandardError.ReadToEndAsync(Token);
        await qemu.WaitForExitAsync(Token);

        Assert.Contains(complaint, said, StringComparison.Ordinal);
    }

    private QemuHypervisor OpenHere() => new(Rig.Options, TimeProvider.System, NullLogger<QemuHypervisor>.Instance, new HostDevices(Host));

    private async Task<VmId> RunAsync(QemuHypervisor hypervisor, string id, VmHardware hardware)
    {
        var vm = VmId.Parse(id);
        await hypervisor.EnsureClonedAsync(new VmSpecification { Id = vm, Image = Rig.Image, Label = id, Owner = "acme", Repository = "widgets", Hardware = hardware }, Token);
        await hypervisor.EnsureStartedAsync(vm, Token);
        return vm;
    }

    /// <summary>A host with one USB device, and two PCI devices that a machine can have.</summary>
    private void Plug()
    {
        var usb = Directory.CreateDirectory(Path.Combine(Host, "sys/bus/usb/devices/1-1")).FullName;
        foreach (var (file, text) in new[] { ("idVendor", "096e"), ("idProduct", "0006"), ("busnum", "1"), ("devpath", "1") })
        {
            File.WriteAllText(Path.Combine(usb, file), text);
        }

        foreach (var address in (string[])["0000:01:00.0", "0000:01:00.1"])
        {
            var pci = Directory.CreateDirectory(Path.Combine(Host, "sys/bus/pci/devices", address)).FullName;
            File.WriteAllText(Path.Combine(pci, "class"), "0x030000");
            File.CreateSymbolicLink(Path.Combine(pci, "driver"), "../drivers/vfio-pci");
            File.CreateSymbolicLink(Path.Combine(pci, "iommu_group"), "../groups/7");
        }

        Directory.CreateDirectory(Path.Combine(Host, "dev/vfio"));
        File.WriteAllText(Path.Combine(Host, "dev/vfio/7"), "");
    }

    private async Task<string> StandInAsync(string edits)
    {
        var script = Path.Combine(Rig.Folder, "qemu");
        var lines = (string[])["#!/bin/bash", $"for word; do words+=(\"$(sed '{edits}' <<<\"$word\")\"); done", "exec qemu-system-x86_64 \"${words[@]}\""];
        await File.WriteAllLinesAsync(script, lines, Token);
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return script;
    }

    private static async Task AwaitAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }
    }
}
