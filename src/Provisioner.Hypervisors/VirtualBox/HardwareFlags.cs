using System.Globalization;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>What VBoxManage is told to give a clone its hardware. The option names changed with 7.0.</summary>
internal static class HardwareFlags
{
    // As PCs have them.
    private static readonly string[][] Uarts = [["0x3F8", "4"], ["0x2F8", "3"], ["0x3E8", "4"]];

    /// <summary>Options of modifyvm. They come after those that close a clone.</summary>
    /// <exception cref="HypervisorException">This VirtualBox cannot give it that.</exception>
    public static IReadOnlyList<string> For(VmHardware? hardware, VBoxVersion version)
    {
        if (hardware is null)
        {
            return [];
        }

        RequirePossible(hardware, version);
        return
        [
            .. hardware.Usb.Count == 0 ? Array.Empty<string>() : version.HasNewOptions ? ["--usb-xhci", "on"] : ["--usb", "on"],
            .. hardware.SerialPorts.SelectMany((path, index) => Serial(path, index, version)),
            .. hardware.Tpm ? ["--tpm-type", "2.0"] : Array.Empty<string>(),
            .. hardware.Nested is { } nested ? ["--nested-hw-virt", nested ? "on" : "off"] : Array.Empty<string>(),
            .. hardware.Network is { } network ? Network(network, version) : [],
        ];
    }

    /// <summary>One for each USB device, with the name of what it adds.</summary>
    public static IEnumerable<(string Name, IReadOnlyList<string> Command)> Filters(VmHardware? hardware, string machine) =>
        (hardware?.Usb ?? []).Select((device, index) => ($"vbdp-{index}", (IReadOnlyList<string>)
        [
            "usbfilter", "add", Text(index), "--target", machine, "--name", $"vbdp-{index}", "--active", "yes",
            "--vendorid", device.Vendor, "--productid", device.Product,
            .. device.Serial is { } serial ? ["--serialnumber", serial] : Array.Empty<string>(),
            // Not one that a remote desktop brings along.
            "--remote", "no",
        ]));

    /// <summary>In bytes: a thousand times the size and more is taken for a slip of the pen where it is said in MiB.</summary>
    public static IReadOnlyList<string> Resize(Guid disk, int megabytes) =>
        ["modifymedium", "disk", disk.ToString(), "--resizebyte", ((long)megabytes << 20).ToString(CultureInfo.InvariantCulture)];

    private static IEnumerable<string> Serial(string path, int index, VBoxVersion version) =>
        [$"--uart{Text(index + 1)}", .. Uarts[index], $"{(version.HasNewOptions ? "--uart-mode" : "--uartmode")}{Text(index + 1)}", path];

    private static IReadOnlyList<string> Network(VmNetwork network, VBoxVersion version) => network.Kind switch
    {
        VmNetworkKind.Nat => ["--nic1", "nat"],
        VmNetworkKind.HostOnly => ["--nic1", "hostonly", version.HasNewOptions ? "--host-only-adapter1" : "--hostonlyadapter1", network.Interface!],
        VmNetworkKind.Bridged => ["--nic1", "bridged", version.HasNewOptions ? "--bridge-adapter1" : "--bridgeadapter1", network.Interface!],
    };

    private static void RequirePossible(VmHardware hardware, VBoxVersion version)
    {
        var problem = hardware switch
        {
            { Pci.Count: > 0 } => "VirtualBox has had no PCI pass-through since 6.1. Use the QEMU driver.",
            { SgxMegabytes: not null } => "VirtualBox gives guests no enclave memory. Use the QEMU driver.",
            { Tpm: true } when !version.HasNewOptions => $"VirtualBox {version} has no TPM; 7.0 and later do.",
            { SerialPorts.Count: var count } when count > Uarts.Length => $"{count} serial ports are more than the {Uarts.Length} that a machine can have.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new HypervisorException(HypervisorFault.DeviceAbsent, problem);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
