using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Provisioner.Hypervisors;

namespace Provisioner.Server.Hardware;

/// <summary>What this host has that a VM could be given, and the profiles that would give it.</summary>
internal sealed partial record HardwareInventory
{
    public required IReadOnlyList<HostUsbDevice> Usb { get; init; }

    /// <summary>PCI devices by IOMMU group, without bridges: those of one group go to one VM together.</summary>
    public required IReadOnlyList<IGrouping<int, HostPciDevice>> Pci { get; init; }

    public required IReadOnlyList<HostSerialPort> SerialPorts { get; init; }

    public required bool HasSgx { get; init; }

    /// <summary>Null where the kernel's hypervisor is not loaded.</summary>
    public required bool? Nested { get; init; }

    public required bool HasSwtpm { get; init; }

    public static HardwareInventory Read(HostDevices host) => new()
    {
        Usb = host.ListUsb(),
        Pci = [.. host.ListPci().Where(pci => pci is { Group: not null, IsBridge: false }).GroupBy(pci => pci.Group!.Value).OrderBy(group => group.Key)],
        SerialPorts = host.ListSerialPorts(),
        HasSgx = host.Exists("/dev/sgx_vepc"),
        Nested = host.AllowsNested(),
        HasSwtpm = HardwareCatalog.IsInstalled("swtpm"),
    };

    /// <summary>The section <c>hardware</c> of a configuration, with a profile for each device.</summary>
    public JsonObject ToConfiguration()
    {
        var profiles = new JsonObject();
        foreach (var usb in Usb)
        {
            var serial = usb.Device.Serial is { } text && UsableSerial().IsMatch(text) ? text : null;
            var device = new JsonObject { ["vendor"] = usb.Device.Vendor, ["product"] = usb.Device.Product };
            if (serial is not null)
            {
                device["serial"] = serial;
            }

            profiles[Name("usb", usb.Device.Vendor, usb.Device.Product, serial)] = new JsonObject { ["usb"] = new JsonArray(device) };
        }

        foreach (var group in Pci)
        {
            var addresses = group.Select(pci => (JsonNode)pci.Address).ToArray();
            profiles[Name("pci", "group", group.Key.ToString(CultureInfo.InvariantCulture))] = new JsonObject { ["pci"] = new JsonArray(addresses) };
        }

        foreach (var port in SerialPorts)
        {
            profiles[Name("serial", Path.GetFileName(port.Path))] = new JsonObject { ["serial"] = new JsonArray(port.Path) };
        }

        AddKind(profiles, "sgx", HasSgx, 64);
        AddKind(profiles, "tpm", HasSwtpm, true);
        AddKind(profiles, "nested", Nested == true, true);
        return profiles;
    }

    private static void AddKind(JsonObject profiles, string name, bool isThere, JsonNode value)
    {
        if (isThere)
        {
            profiles[name] = new JsonObject { [name] = value };
        }
    }

    private static string Name(params IEnumerable<string?> parts)
    {
        var name = Unusable().Replace(string.Join('-', parts.Where(part => !string.IsNullOrEmpty(part))).ToLowerInvariant(), "-").Trim('-');
        return name[..Math.Min(name.Length, VmId.MaxLength)];
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Unusable();

    [GeneratedRegex(@"\A[A-Za-z0-9 ._:\-+/=#@()]{1,100}\z")]
    private static partial Regex UsableSerial();
}
