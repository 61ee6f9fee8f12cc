using Provisioner.Server.Configuration;

namespace Provisioner.Tests.Hardware;

public sealed class HardwareRulesTests
{
    [Fact]
    public void All_that_is_wrong_with_profiles_is_said_at_once()
    {
        var options = new ServerOptions
        {
            Hypervisor = HypervisorKind.Qemu,
            Images = { ["debian-12"] = new ImageOptions { Source = "base", Hardware = "none" } },
            Capacity = { Devices = ["gpu0"] },
            Hardware =
            {
                ["gpu0"] = new HardwareOptions { Cpus = 0, Memory = 1, Disk = 0, Sgx = 0 },
                ["odd"] = new HardwareOptions
                {
                    Usb = [new UsbOptions { Vendor = "46d", Product = "c52b,id=x", Serial = "a*" }],
                    Serial = ["/dev/a,server=on", "ttyS0", "/dev/../etc", "/dev/d"],
                    Network = new NetworkOptions { Interface = "br0" },
                    Pci = ["01:00.0"],
                },
                ["line\nbreak"] = new HardwareOptions { Network = new NetworkOptions { Kind = Hypervisors.VmNetworkKind.Bridged, Interface = "br0,helper=/bin/sh" } },
            },
        };

        var errors = HardwareRules.Errors(options).ToList();

        Assert.All(
            (string[])
            [
                "hardware.gpu0: capacity.devices has", "hardware.gpu0.cpus:", "hardware.gpu0.memory:", "hardware.gpu0.disk:", "hardware.gpu0.sgx:",
                "hardware.odd.usb[0].vendor: '46d'", "hardware.odd.usb[0].product: 'c52b,id=x'", "hardware.odd.usb[0].serial: 'a*'",
                "hardware.odd.serial: '/dev/a,server=on'", "hardware.odd.serial: 'ttyS0'", "hardware.odd.serial: '/dev/../etc'", "hardware.odd.serial: 4 ports",
                "hardware.odd.network.kind: missing", "hardware.odd.pci: '01:00.0'", "hardware.line\nbreak: a name is", "hardware.line\nbreak.network.interface: 'br0,helper=/bin/sh'",
                "images.debian-12.hardware: there is no profile 'none'; there are gpu0, line\nbreak, odd.",
            ],
            text => Assert.Single(errors, error => error.StartsWith(text, StringComparison.Ordinal)));
        Assert.Equal(17, errors.Count);
    }

    [Fact]
    public void VirtualBox_passes_no_pci_device_through_and_the_error_names_the_driver_that_does()
    {
        var errors = HardwareRules.Errors(new ServerOptions { Hardware = { ["gpu"] = new HardwareOptions { Pci = ["0000:01:00.0"], Sgx = 64 } } }).ToList();

        Assert.Equal(
            [
                "hardware.gpu.pci: VirtualBox has had no PCI pass-through since 6.1. Use the QEMU driver (\"hypervisor\": \"qemu\"), or leave it out.",
                "hardware.gpu.sgx: VirtualBox gives guests no enclave memory. Use the QEMU driver (\"hypervisor\": \"qemu\"), or leave it out.",
            ],
            errors);
    }

    [Fact]
    public void No_two_vms_are_kept_warm_with_one_device()
    {
        var options = new ServerOptions
        {
            Images =
            {
                ["wired"] = new ImageOptions { Source = "base", Hardware = "port", Warm = 2 },
                ["large"] = new ImageOptions { Source = "base", Hardware = "large", Warm = 2 },
            },
            Hardware = { ["port"] = new HardwareOptions { Serial = ["/dev/ttyS0"] }, ["large"] = new HardwareOptions { Cpus = 8 } },
        };

        Assert.Equal(["images.wired.warm: 2 warm VMs would each need the device serial:/dev/ttyS0, and only one can have it. Write 1, or 0."], HardwareRules.Errors(options));
    }

    [Fact]
    public void Two_names_of_one_device_are_refused()
    {
        var options = new ServerOptions
        {
            Hardware =
            {
                ["any"] = new HardwareOptions { Usb = [new UsbOptions { Vendor = "096E", Product = "0006" }] },
                ["one"] = new HardwareOptions { Usb = [new UsbOptions { Vendor = "096e", Product = "0006", Serial = "A" }] },
                ["twice"] = new HardwareOptions { Serial = ["/dev/ttyS0", "/dev/ttyS0"] },
            },
        };

        Assert.Equal(
            [
                "hardware.any.usb: 096e:0006 without a serial may be the one that hardware.one.usb names with its serial. Give it a serial, too.",
                "hardware.twice: the device serial:/dev/ttyS0 stands in it twice. Leave one out.",
            ],
            HardwareRules.Errors(options));
    }
}
