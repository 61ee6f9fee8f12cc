using System.Text.Json;
using System.Text.Json.Nodes;
using Provisioner.Hypervisors;
using Provisioner.Server.Hardware;

namespace Provisioner.Server.Commands;

/// <summary>What <c>hardware list</c> prints. Names come from devices, so that no character of theirs can command a terminal.</summary>
internal static class HardwareReport
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static IEnumerable<string> Lines(HardwareInventory found) =>
    [
        "USB devices:",
        .. Or(found.Usb.Select(usb => $"{usb.Device.Vendor}:{usb.Device.Product}  {(usb.Device.Serial is { } serial ? $"serial {serial}" : "without a serial")}  {usb.Name}  (bus {usb.Bus}, port {usb.Port})")),
        "PCI devices, by IOMMU group; those of one group go to one VM together (QEMU only):",
        .. Or(found.Pci.SelectMany(group => group.Select(pci => $"group {group.Key}  {pci.Address}  {pci.Vendor}:{pci.Product}  {pci.Kind}  {Holder(pci)}"))),
        "Serial ports:",
        .. Or(found.SerialPorts.Select(port => port.Path == port.Target ? port.Path : $"{port.Path}  ({port.Target})")),
        $"Enclave memory (SGX, QEMU only): {(found.HasSgx ? "yes" : "no: there is no /dev/sgx_vepc")}",
        $"TPM for QEMU: {(found.HasSwtpm ? "yes" : "no: swtpm is not installed")}. VirtualBox 7.0 and later bring their own.",
        $"Nested machines: {found.Nested switch { true => "yes", false => "no: switched off in the kernel (nested=1 of kvm_intel or kvm_amd)", null => "unknown: kvm_intel and kvm_amd are not loaded" }}",
        "",
        "For the configuration. Keep what is to be rented out; each device goes to one VM at a time:",
        "",
        $"\"hardware\": {Indent(found.ToConfiguration())}",
    ];

    public static string Json(HardwareInventory found) => Indent(new JsonObject
    {
        ["usb"] = Array(found.Usb.Select(usb => new JsonObject
        {
            ["vendor"] = usb.Device.Vendor, ["product"] = usb.Device.Product, ["serial"] = usb.Device.Serial, ["name"] = usb.Name, ["bus"] = usb.Bus, ["port"] = usb.Port,
        })),
        ["pci"] = Array(found.Pci.SelectMany(group => group).Select(pci => new JsonObject
        {
            ["address"] = pci.Address, ["vendor"] = pci.Vendor, ["product"] = pci.Product, ["kind"] = pci.Kind, ["driver"] = pci.Driver, ["group"] = pci.Group,
        })),
        ["serial"] = Array(found.SerialPorts.Select(port => new JsonObject { ["path"] = port.Path, ["target"] = port.Target })),
        ["sgx"] = found.HasSgx,
        ["swtpm"] = found.HasSwtpm,
        ["nested"] = found.Nested,
        ["hardware"] = found.ToConfiguration(),
    });

    private static string Holder(HostPciDevice pci) => pci.Driver switch
    {
        null => "without a driver; bind it to vfio-pci",
        HostPciDevice.PassThroughDriver => "ready: vfio-pci",
        var driver => $"in the hands of {driver}; bind it to vfio-pci",
    };

    private static IEnumerable<string> Or(IEnumerable<string> lines) => lines.Select(line => "  " + string.Concat(line.Select(c => char.IsControl(c) ? '?' : c))).DefaultIfEmpty("  none");

    private static JsonArray Array(IEnumerable<JsonObject> items) => new([.. items]);

    private static string Indent(JsonObject json)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory, Indented))
        {
            json.WriteTo(writer);
        }

        return System.Text.Encoding.UTF8.GetString(memory.ToArray());
    }
}
