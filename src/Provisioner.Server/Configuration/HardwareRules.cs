using System.Text.RegularExpressions;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Configuration;

/// <summary>What hardware profiles must fulfil. Each error names key, cause and remedy. What passes can be no option to a hypervisor, and end none.</summary>
internal static partial class HardwareRules
{
    /// <summary>Of the four that PCs have, QEMU's machines use one for their console.</summary>
    private const int MostSerialPorts = 3;

    public static IEnumerable<string> Errors(ServerOptions options) =>
        [
            .. options.Hardware.SelectMany(profile => Of(profile.Key, profile.Value, options)),
            .. options.Images.Where(image => image.Value.Hardware is { } name && !options.Hardware.ContainsKey(name)).Select(image =>
                $"images.{image.Key}.hardware: there is no profile '{image.Value.Hardware}'; there {(options.Hardware.Count == 0 ? "are none" : $"are {string.Join(", ", options.Hardware.Keys.Order())}")}. Add it under 'hardware'."),
            .. options.Images.SelectMany(image => OfWarm(image.Key, image.Value, options)),
            .. options.Images.SelectMany(image => OfSaved(image.Key, image.Value, options)),
            .. HardwareConflicts.Errors(options),
        ];

    private static IEnumerable<string> Of(string name, HardwareOptions profile, ServerOptions options)
    {
        var key = $"hardware.{name}";
        return
        [
            .. Unless(VmId.TryParse(name, out _), $"{key}: a name is {VmId.Rule}."),
            .. Unless(!options.Capacity.Devices.Contains(name), $"{key}: capacity.devices has a device of that name, and rules could not tell them apart. Choose another name."),
            .. Unless(profile.Cpus is not < 1, $"{key}.cpus: {profile.Cpus} is less than 1."),
            .. Unless(profile.Memory is not < 64, $"{key}.memory: {profile.Memory} MiB is less than 64."),
            .. Unless(profile.Disk is not < 1, $"{key}.disk: {profile.Disk} MiB is less than 1."),
            .. profile.Usb.SelectMany((device, index) => OfUsb($"{key}.usb[{index}]", device)),
            .. OfSerial(key, profile.Serial),
            .. OfNetwork($"{key}.network", profile.Network),
            .. OfQemuOnly(key, profile, options.Hypervisor),
        ];
    }

    private static IEnumerable<string> OfWarm(string alias, ImageOptions image, ServerOptions options) =>
        image.Warm > 1 && image.Hardware is { } name && options.Hardware.TryGetValue(name, out var profile) && profile.ToHardware().Leases is [var lease, ..]
            ? [$"images.{alias}.warm: {image.Warm} warm VMs would each need the device {lease}, and only one can have it. Write 1, or 0."]
            : [];

    /// <summary>A device of the host has a state of its own, which no hypervisor saves; and one that is off must hold none.</summary>
    private static IEnumerable<string> OfSaved(string alias, ImageOptions image, ServerOptions options)
    {
        var hardware = image.Hardware is { } name ? options.Hardware.GetValueOrDefault(name)?.ToHardware() : null;
        return image.Saved > 0 && (image.Devices.Count > 0 || hardware is { Leases.Count: > 0 } or { SgxMegabytes: not null } or { Tpm: true })
            ? [$"images.{alias}.saved: the state of a VM that has devices, enclave memory or a TPM cannot be saved. Keep it warm instead (images.{alias}.warm), or take its hardware out."]
            : [];
    }

    private static IEnumerable<string> OfUsb(string key, UsbOptions device) =>
        [
            .. Unless(UsbNumber().IsMatch(device.Vendor), $"{key}.vendor: '{Shown(device.Vendor)}' is not four hexadecimal digits, such as 046d. lsusb shows them as vendor:product."),
            .. Unless(UsbNumber().IsMatch(device.Product), $"{key}.product: '{Shown(device.Product)}' is not four hexadecimal digits, such as c52b. lsusb shows them as vendor:product."),
            .. Unless(device.Serial is null || UsbSerial().IsMatch(device.Serial), $"{key}.serial: '{Shown(device.Serial)}' is not 1 to 100 letters, digits, blanks and any of . _ : - + / = # @ ( ). Leave it out if there is only one such device."),
        ];

    private static IEnumerable<string> OfSerial(string key, List<string> ports) =>
        [
            .. ports.Where(path => !SerialPath().IsMatch(path) || path.Split('/').Contains("..")).Select(path =>
                $"{key}.serial: '{Shown(path)}' is not the path of a device, such as /dev/ttyUSB0 or /dev/serial/by-id/…: letters, digits and any of . _ : - + / = # @."),
            .. Unless(ports.Count <= MostSerialPorts, $"{key}.serial: {ports.Count} ports are more than the {MostSerialPorts} that a VM has. Split the profile."),
        ];

    private static IEnumerable<string> OfNetwork(string key, NetworkOptions network) => network switch
    {
        { Kind: null, Interface: not null } => [$"{key}.kind: missing. Write nat, hostonly or bridged."],
        { Kind: VmNetworkKind.Nat, Interface: not null } => [$"{key}.interface: nat has none. Leave it out."],
        { Kind: VmNetworkKind.HostOnly or VmNetworkKind.Bridged, Interface: null } => [$"{key}.interface: missing. Name the host's interface, such as vboxnet0 or eth0; with QEMU a bridge, such as br0."],
        { Interface: { } name } when !InterfaceName().IsMatch(name) => [$"{key}.interface: '{Shown(name)}' is not the name of an interface: 1 to 15 letters, digits and any of . _ -."],
        _ => [],
    };

    private static IEnumerable<string> OfQemuOnly(string key, HardwareOptions profile, HypervisorKind hypervisor) =>
        [
            .. profile.Pci.Where(address => !PciAddress().IsMatch(address)).Select(address =>
                $"{key}.pci: '{Shown(address)}' is not a PCI address such as 0000:01:00.0. lspci -D shows them."),
            .. Unless(profile.Sgx is not < 1, $"{key}.sgx: {profile.Sgx} MiB is less than 1."),
            .. Unless(profile.Pci.Count == 0 || hypervisor != HypervisorKind.VirtualBox, $"{key}.pci: VirtualBox has had no PCI pass-through since 6.1. Use the QEMU driver (\"hypervisor\": \"qemu\"), or leave it out."),
            .. Unless(profile.Sgx is null || hypervisor != HypervisorKind.VirtualBox, $"{key}.sgx: VirtualBox gives guests no enclave memory. Use the QEMU driver (\"hypervisor\": \"qemu\"), or leave it out."),
        ];

    private static IEnumerable<string> Unless(bool isGood, string error) => isGood ? [] : [error];

    private static string Shown(string? text) => string.Concat((text ?? "").Select(c => char.IsControl(c) ? '?' : c));

    [GeneratedRegex(@"\A[0-9a-fA-F]{4}\z")]
    private static partial Regex UsbNumber();

    // VirtualBox takes * ? and | in it for patterns.
    [GeneratedRegex(@"\A[A-Za-z0-9 ._:\-+/=#@()]{1,100}\z")]
    private static partial Regex UsbSerial();

    [GeneratedRegex(@"\A/dev/[A-Za-z0-9._:\-+/=#@]{1,200}\z")]
    private static partial Regex SerialPath();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,14}\z")]
    private static partial Regex InterfaceName();

    [GeneratedRegex(@"\A[0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7]\z")]
    private static partial Regex PciAddress();
}
