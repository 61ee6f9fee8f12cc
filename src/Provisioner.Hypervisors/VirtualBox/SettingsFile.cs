using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// A machine's settings as VirtualBox keeps them in its .vbox file. Reading them costs a hundredth of asking VBoxManage, and does not
/// grow with the number of machines. They are changed here only in a fresh clone that VirtualBox has not been told of yet.
/// </summary>
internal sealed class SettingsFile
{
    private const int MostCharacters = 16 * 1024 * 1024;

    private readonly XDocument document;
    private readonly XElement machine;
    private readonly XNamespace ns;

    private SettingsFile(XDocument document, XElement machine, Guid uuid)
    {
        this.document = document;
        this.machine = machine;
        ns = machine.Name.Namespace;
        Uuid = uuid;
        Name = (string?)machine.Attribute("name") ?? "";
        Description = (string?)machine.Element(ns + "Description") ?? "";
        ExtraData = Pairs(machine.Element(ns + "ExtraData"), "ExtraDataItem");
        GuestProperties = Pairs(Hardware.Element(ns + "GuestProperties"), "GuestProperty");
    }

    public Guid Uuid { get; }

    public string Name { get; }

    public string Description { get; }

    /// <summary>Whether its guest goes on where it was when it is started.</summary>
    public bool HasState => machine.Attribute("stateFile") is not null;

    public IReadOnlyDictionary<string, string> ExtraData { get; }

    public IReadOnlyDictionary<string, string> GuestProperties { get; }

    /// <summary>The images that are attached now, not those of snapshots.</summary>
    // Up to 6.1 the controllers stand beside the hardware.
    public IReadOnlyList<Guid> Disks =>
        [.. new[] { Hardware, machine }.Elements(ns + "StorageControllers").Descendants(ns + "AttachedDevice")
            .Where(device => (string?)device.Attribute("type") == "HardDisk")
            .Select(device => UuidOf(device.Element(ns + "Image"))).OfType<Guid>()];

    /// <summary>Where disks and drives are attached.</summary>
    public IReadOnlyList<StorageController> Controllers =>
        [.. new[] { Hardware, machine }.Elements(ns + "StorageControllers").Elements(ns + "StorageController").Select(controller => new StorageController(
            (string?)controller.Attribute("name") ?? "", (string?)controller.Attribute("type") ?? "", Number(controller, "PortCount"),
            [.. controller.Elements(ns + "AttachedDevice").Select(device => new StorageController.Slot(
                Number(device, "port"), Number(device, "device"), (string?)device.Attribute("type") == "DVD", UuidOf(device.Element(ns + "Image"))))]))];

    /// <summary>The names of the filters that say which USB devices it takes.</summary>
    public IReadOnlyList<string> UsbFilters => [.. Hardware.Descendants(ns + "DeviceFilter").Select(filter => (string?)filter.Attribute("name") ?? "")];

    public IReadOnlyList<SnapshotEntry> Snapshots
    {
        get
        {
            var current = UuidOf(machine, "currentSnapshot");
            return [.. from snapshot in machine.Descendants(ns + "Snapshot")
                       let uuid = UuidOf(snapshot)
                       where uuid is not null
                       select new SnapshotEntry((string?)snapshot.Attribute("name") ?? "", uuid.Value, uuid == current)];
        }
    }

    private XElement Hardware => machine.Element(ns + "Hardware") ?? new XElement(ns + "Hardware");

    /// <summary>The settings in this file; null when there are none that can be read.</summary>
    public static SettingsFile? TryRead(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return TryRead(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static SettingsFile? TryRead(Stream stream)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MostCharacters, IgnoreWhitespace = true,
        };
        try
        {
            using var reader = XmlReader.Create(stream, settings);
            var document = XDocument.Load(reader);
            var machine = document.Root?.Elements().FirstOrDefault(element => element.Name.LocalName == "Machine");
            return machine is not null && UuidOf(machine) is { } uuid ? new SettingsFile(document, machine, uuid) : null;
        }
        catch (Exception e) when (e is XmlException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>
    /// Takes from a fresh clone what it inherited and must not have, and gives it its own properties and extra data. What an earlier life
    /// of the image's machine reported would be taken for this one's; each forwarding opens a port of the host.
    /// </summary>
    public void Disinherit(IEnumerable<KeyValuePair<string, string>> properties, IEnumerable<KeyValuePair<string, string>> extraData, DateTimeOffset now)
    {
        // The last thing that a clone is given is a description.
        machine.Element(ns + "Description")?.Remove();
        // VBoxInternal keys configure devices: they belong to the image's hardware, as its disks do.
        var devices = ExtraData.Where(pair => pair.Key.StartsWith("VBoxInternal", StringComparison.Ordinal));
        Replace(machine, "ExtraData", devices.Concat(extraData).Select(pair => Item("ExtraDataItem", pair)));
        var timestamp = (now - DateTimeOffset.UnixEpoch).Ticks * 100;
        Replace(machine.Element(ns + "Hardware"), "GuestProperties", properties.Select(pair =>
            Item("GuestProperty", pair, new XAttribute("timestamp", timestamp), new XAttribute("flags", ""))));
        machine.Descendants(ns + "SharedFolders").Remove();
        // A filter of the image's would take devices that are leased to others.
        machine.Descendants(ns + "DeviceFilter").Remove();
        machine.Descendants(ns + "Network").Descendants(ns + "Forwarding").Remove();
    }

    public void Save(string path)
    {
        using var content = new MemoryStream();
        // A line break in a value stays one.
        var settings = new XmlWriterSettings
        {
            Indent = true, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), NewLineHandling = NewLineHandling.Entitize,
        };
        using (var writer = XmlWriter.Create(content, settings))
        {
            document.Save(writer);
        }

        PrivateFiles.Replace(path, content.ToArray());
    }

    private void Replace(XElement? parent, string name, IEnumerable<XElement> items)
    {
        parent?.Elements(ns + name).Remove();
        parent?.AddFirst(new XElement(ns + name, items));
    }

    private XElement Item(string name, KeyValuePair<string, string> pair, params object[] more) =>
        new(ns + name, new XAttribute("name", Writable(pair.Key)), new XAttribute("value", Writable(pair.Value)), more);

    private Dictionary<string, string> Pairs(XElement? parent, string name)
    {
        var pairs = new Dictionary<string, string>();
        foreach (var item in parent?.Elements(ns + name) ?? [])
        {
            pairs[(string?)item.Attribute("name") ?? ""] = (string?)item.Attribute("value") ?? "";
        }

        return pairs;
    }

    // As VirtualBox does with characters that XML cannot hold.
    private static string Writable(string value) =>
        string.Concat(value.EnumerateRunes().Select(rune => rune.IsBmp && !XmlConvert.IsXmlChar((char)rune.Value) ? "\uFFFD" : rune.ToString()));

    private static int Number(XElement element, string attribute) =>
        int.TryParse((string?)element.Attribute(attribute), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static Guid? UuidOf(XElement? element, string attribute = "uuid") =>
        Guid.TryParseExact((string?)element?.Attribute(attribute), "B", out var uuid) ? uuid : null;
}
