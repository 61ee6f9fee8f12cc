using System.Globalization;

namespace Provisioner.Hypervisors;

/// <summary>What this host has, as its kernel tells in /sys and /dev. Read anew each time: plugs are pulled.</summary>
/// <param name="root">Where /sys and /dev are: another folder for tests.</param>
public sealed class HostDevices(string root = "/")
{
    private static readonly string[] KernelHypervisors = ["kvm_intel", "kvm_amd"];

    public IReadOnlyList<HostUsbDevice> ListUsb() =>
        [.. Folders("sys/bus/usb/devices").Select(ReadUsb).OfType<HostUsbDevice>()
            .OrderBy(usb => usb.Bus).ThenBy(usb => usb.Port, StringComparer.Ordinal)];

    public IReadOnlyList<HostPciDevice> ListPci() =>
        [.. Folders("sys/bus/pci/devices").Select(ReadPci).OrderBy(pci => pci.Address, StringComparer.Ordinal)];

    /// <summary>Real ones: the kernel shows ports that have no hardware behind them, too.</summary>
    public IReadOnlyList<HostSerialPort> ListSerialPorts()
    {
        var named = Files("dev/serial/by-id").Select(path => new HostSerialPort(path, Resolve(path)!)).Where(port => port.Target is not null).ToList();
        var plain = Folders("sys/class/tty")
            .Where(tty => Path.Exists(Path.Combine(tty, "device")) && IsReal(tty))
            .Select(tty => $"/dev/{Path.GetFileName(tty)}")
            .Where(path => Exists(path) && named.All(port => port.Target != path));
        return [.. named.Concat(plain.Select(path => new HostSerialPort(path, path))).OrderBy(port => port.Path, StringComparer.Ordinal)];
    }

    public bool Exists(string path) => File.Exists(At(path)) || Directory.Exists(At(path));

    /// <summary>The device that a path of the host leads to; null where there is none.</summary>
    public string? Resolve(string path)
    {
        var inside = At(path);
        if (!File.Exists(inside))
        {
            return null;
        }

        var target = File.ResolveLinkTarget(inside, returnFinalTarget: true)?.FullName ?? inside;
        return "/" + Path.GetRelativePath(root, target);
    }

    /// <summary>Whether the kernel's hypervisor lets machines start machines; null where it is not loaded.</summary>
    public bool? AllowsNested() => KernelHypervisors
        .Select(module => Read(At($"/sys/module/{module}/parameters/nested")))
        .OfType<string>().Select(text => (bool?)(text is "Y" or "1")).FirstOrDefault();

    private HostUsbDevice? ReadUsb(string folder)
    {
        // Interfaces have a colon in their name, and the roots of buses no port.
        if (Path.GetFileName(folder).Contains(':', StringComparison.Ordinal) || Read(folder, "devpath") is not { } port || port == "0"
            || Read(folder, "idVendor") is not { } vendor || Read(folder, "idProduct") is not { } product
            || !int.TryParse(Read(folder, "busnum"), NumberStyles.None, CultureInfo.InvariantCulture, out var bus)
            || Read(folder, "bDeviceClass") == "09") // a hub
        {
            return null;
        }

        var name = string.Join(' ', new[] { Read(folder, "manufacturer"), Read(folder, "product") }.OfType<string>());
        return new HostUsbDevice(new UsbDevice(vendor.ToLowerInvariant(), product.ToLowerInvariant(), Read(folder, "serial")), bus, port, name);
    }

    private static HostPciDevice ReadPci(string folder) => new(
        Path.GetFileName(folder),
        Hexadecimal(folder, "vendor", 4),
        Hexadecimal(folder, "device", 4),
        Hexadecimal(folder, "class", 6),
        LinkedName(folder, "driver"),
        int.TryParse(LinkedName(folder, "iommu_group"), NumberStyles.None, CultureInfo.InvariantCulture, out var group) ? group : null);

    private static string Hexadecimal(string folder, string file, int digits) =>
        (Read(folder, file) ?? "").Replace("0x", "", StringComparison.Ordinal).PadLeft(digits, '0');

    private static string? LinkedName(string folder, string link) =>
        new FileInfo(Path.Combine(folder, link)).LinkTarget is { } target ? Path.GetFileName(target) : null;

    // A port of the old kind without hardware has the type 0.
    private static bool IsReal(string tty) => Read(tty, "type") != "0";

    private IEnumerable<string> Folders(string folder) =>
        Directory.Exists(Path.Combine(root, folder)) ? Directory.EnumerateDirectories(Path.Combine(root, folder)) : [];

    private IEnumerable<string> Files(string folder) =>
        Directory.Exists(Path.Combine(root, folder)) ? Directory.EnumerateFiles(Path.Combine(root, folder)).Select(path => "/" + Path.GetRelativePath(root, path)) : [];

    private string At(string path) => Path.Combine(root, path.TrimStart('/'));

    private static string? Read(string folder, string file) => Read(Path.Combine(folder, file));

    private static string? Read(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // unplugged while we looked
        }
    }
}
