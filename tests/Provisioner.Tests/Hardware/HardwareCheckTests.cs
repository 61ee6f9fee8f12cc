using Provisioner.Hypervisors;

namespace Provisioner.Tests.Hardware;

public sealed class HardwareCheckTests : IDisposable
{
    private readonly HostTree _host = new();

    [Fact]
    public void What_is_plugged_in_and_free_is_no_problem()
    {
        _host.Usb("1.2", "096E", "0006", "AB12").Pci("0000:01:00.0", "030000", "vfio-pci", 7).Pci("0000:00:01.0", "060400", "pcieport", 7)
            .Write("dev/vfio/7", "").Write("dev/ttyUSB0", "").Write("dev/sgx_vepc", "");

        Assert.Null(Check(new VmHardware { Usb = [new("096e", "0006", "AB12")], Pci = ["0000:01:00.0"], SerialPorts = ["/dev/ttyUSB0"], SgxMegabytes = 64 }));
    }

    [Fact]
    public void Everything_that_is_absent_is_named_at_once_with_its_remedy()
    {
        var problem = Check(new VmHardware { Usb = [new("096e", "0006", "AB12")], Pci = ["0000:01:00.0"], SerialPorts = ["/dev/ttyUSB0"], SgxMegabytes = 64 });

        Assert.Equal(
            "The USB device 096e:0006:AB12 is absent. Plug it in. The PCI device 0000:01:00.0 is absent. See lspci -D on the host. "
            + "The serial port /dev/ttyUSB0 is absent. Plug it in. This host has no /dev/sgx_vepc: switch SGX on in its firmware, with a kernel of 5.13 or later.",
            problem);
    }

    [Fact]
    public void Of_two_of_one_product_a_serial_must_say_which()
    {
        _host.Usb("1", "096e", "0006", "A").Usb("2", "096e", "0006", "B");

        Assert.Equal("There are 2 USB devices 096e:0006. Name the serial of one of them.", Check(new VmHardware { Usb = [new("096e", "0006")] }));
        Assert.Null(Check(new VmHardware { Usb = [new("096e", "0006", "B")] }));
    }

    [Theory]
    [InlineData("nvidia", 7, "is in the hands of nvidia. Bind it to vfio-pci.")]
    [InlineData(null, 7, "is in the hands of no driver. Bind it to vfio-pci.")]
    [InlineData("vfio-pci", null, "is in no IOMMU group.")]
    public void A_pci_device_must_be_free_for_a_machine(string? driver, int? group, string problem)
    {
        _host.Pci("0000:01:00.0", "030000", driver, group).Write("dev/vfio/7", "");

        Assert.Contains(problem, Check(new VmHardware { Pci = ["0000:01:00.0"] }), StringComparison.Ordinal);
    }

    [Fact]
    public void Its_group_must_be_free_too()
    {
        _host.Pci("0000:01:00.0", "030000", "vfio-pci", 7).Pci("0000:01:00.1", "040300", "snd_hda_intel", 7).Write("dev/vfio/7", "");

        Assert.Contains("shares IOMMU group 7 with 0000:01:00.1, which snd_hda_intel has", Check(new VmHardware { Pci = ["0000:01:00.0"] }), StringComparison.Ordinal);
    }

    public void Dispose() => _host.Dispose();

    private string? Check(VmHardware hardware) => HardwareCheck.FindProblem(hardware, new HostDevices(_host.Root));
}
