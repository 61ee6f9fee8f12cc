using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Provisioner.Hypervisors.Qemu;

/// <summary>QEMU's arguments for the hardware of a machine. All values come from the configuration, which refuses those that could end an option; a comma is doubled all the same.</summary>
internal static class QemuHardware
{
    /// <param name="hardware">What it has.</param>
    /// <param name="usb">Where each of its USB devices is plugged in now.</param>
    public static IReadOnlyList<string> Arguments(VmHardware hardware, IReadOnlyList<HostUsbDevice> usb) =>
    [
        .. Usb(usb), .. hardware.SerialPorts.SelectMany(Serial), .. hardware.Pci.SelectMany(Pci),
        .. hardware.Tpm ? Tpm : [], .. hardware.SgxMegabytes is { } enclave ? Sgx(enclave) : [],
    ];

    /// <summary>What follows the machine's type.</summary>
    public static string OfMachine(VmHardware? hardware) => hardware?.SgxMegabytes is null ? "" : ",sgx-epc.0.memdev=epc0,sgx-epc.0.node=0";

    /// <summary>What follows the processor's model: both of them have what nested machines need, if the host allows it.</summary>
    public static string OfProcessor(VmHardware? hardware) => hardware?.Nested == false ? ",vmx=off,svm=off" : "";

    /// <summary>A hardware address of its own: on a bridge, QEMU's default would be everybody's. Of the range that is given to QEMU.</summary>
    public static string Address(VmId id) => string.Join(':', SHA256.HashData(Encoding.ASCII.GetBytes(id.Value)).Take(3).Select(part => part.ToString("x2", CultureInfo.InvariantCulture)).Prepend("52:54:00"));

    private static string[] Tpm => ["-chardev", "socket,id=tpm,path=tpm.sock", "-tpmdev", "emulator,id=tpm,chardev=tpm", "-device", "tpm-crb,tpmdev=tpm"];

    // By port and product together: a device keeps its port when it is reset, and another one that is plugged in there is not taken.
    private static IEnumerable<string> Usb(IReadOnlyList<HostUsbDevice> devices) => devices.Count == 0 ? [] :
    [
        "-device", "qemu-xhci,id=usb",
        .. devices.SelectMany(usb => new[]
        {
            "-device",
            string.Create(CultureInfo.InvariantCulture, $"usb-host,bus=usb.0,hostbus={usb.Bus},hostport={QemuArguments.Escape(usb.Port)},vendorid=0x{usb.Device.Vendor},productid=0x{usb.Device.Product}"),
        }),
    ];

    private static IEnumerable<string> Serial(string path, int index) =>
        ["-chardev", $"serial,id=serial{index},path={QemuArguments.Escape(path)}", "-device", $"isa-serial,chardev=serial{index}"];

    // Each behind a port of its own, as drivers of graphics cards expect it.
    private static IEnumerable<string> Pci(string address, int index) =>
        ["-device", $"pcie-root-port,id=port{index},chassis={index + 1},slot={index + 1}", "-device", $"vfio-pci,host={QemuArguments.Escape(address)},bus=port{index}"];

    private static string[] Sgx(int megabytes) =>
        ["-object", string.Create(CultureInfo.InvariantCulture, $"memory-backend-epc,id=epc0,size={megabytes}M,prealloc=on")];
}
