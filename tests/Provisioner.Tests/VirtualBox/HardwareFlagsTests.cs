using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

public sealed class HardwareFlagsTests
{
    private static readonly VmHardware All = new()
    {
        Tpm = true,
        Nested = true,
        Usb = [new("096e", "0006", "AB 12"), new("046d", "c52b")],
        SerialPorts = ["/dev/ttyS0", "/dev/ttyUSB0"],
        Network = new(VmNetworkKind.Bridged, "eth0"),
    };

    [Fact]
    public void What_modifyvm_is_told_of_7_0_and_later() => Assert.Equal(
        [
            "--usb-xhci", "on", "--uart1", "0x3F8", "4", "--uart-mode1", "/dev/ttyS0", "--uart2", "0x2F8", "3", "--uart-mode2", "/dev/ttyUSB0",
            "--tpm-type", "2.0", "--nested-hw-virt", "on", "--nic1", "bridged", "--bridge-adapter1", "eth0",
        ],
        HardwareFlags.For(All, new(7, 2, 22)));

    [Fact]
    public void What_modifyvm_is_told_of_6_1() => Assert.Equal(
        ["--usb", "on", "--uart1", "0x3F8", "4", "--uartmode1", "/dev/ttyS0", "--uart2", "0x2F8", "3", "--uartmode2", "/dev/ttyUSB0", "--nested-hw-virt", "off", "--nic1", "hostonly", "--hostonlyadapter1", "vboxnet0"],
        HardwareFlags.For(All with { Tpm = false, Nested = false, Network = new(VmNetworkKind.HostOnly, "vboxnet0") }, new(6, 1, 50)));

    [Fact]
    public void Each_usb_device_has_a_filter() => Assert.Equal(
        [
            "usbfilter add 0 --target m --name vbdp-0 --active yes --vendorid 096e --productid 0006 --serialnumber AB 12 --remote no",
            "usbfilter add 1 --target m --name vbdp-1 --active yes --vendorid 046d --productid c52b --remote no",
        ],
        HardwareFlags.Filters(All, "m").Select(filter => string.Join(' ', filter.Command)));

    [Fact]
    public void What_makes_a_disk_larger() => Assert.Equal(
        "modifymedium disk 5c8a2f0e-6a4f-4b12-9f5e-0d6b8f4f3a11 --resizebyte 68719476736",
        string.Join(' ', HardwareFlags.Resize(Guid.Parse("5c8a2f0e-6a4f-4b12-9f5e-0d6b8f4f3a11"), 65536)));

    [Fact]
    public void A_machine_without_a_profile_is_told_nothing()
    {
        Assert.Empty(HardwareFlags.For(null, new(7, 2, 22)));
        Assert.Empty(HardwareFlags.Filters(null, "m"));
    }

    [Fact]
    public void What_cannot_be_is_refused_with_its_reason()
    {
        Assert.Contains("no PCI pass-through since 6.1. Use the QEMU driver", Refusal(new VmHardware { Pci = ["0000:01:00.0"] }, 7), StringComparison.Ordinal);
        Assert.Contains("no enclave memory", Refusal(new VmHardware { SgxMegabytes = 1 }, 7), StringComparison.Ordinal);
        Assert.Contains("has no TPM; 7.0 and later do", Refusal(new VmHardware { Tpm = true }, 6), StringComparison.Ordinal);
    }

    private static string Refusal(VmHardware hardware, int major) =>
        Assert.Throws<HypervisorException>(() => HardwareFlags.For(hardware, new(major, 1, 0))).Message;
}
