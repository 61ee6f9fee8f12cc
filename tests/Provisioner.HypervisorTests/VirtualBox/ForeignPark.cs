using System.Security.Cryptography;
using System.Xml.Linq;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>
/// Two hundred machines of others in the VirtualBox that is also ours: clones of our image, machines with disks and snapshots, names that
/// people give, one whose settings are lost, one with a name like ours; the others are plain, and written without VirtualBox.
/// </summary>
public sealed class ForeignPark : IAsyncLifetime
{
    private const int Plain = 180;

    public static readonly string[] OddNames =
    [
        "q\"dq", "it's", "new\nline", "back\\slash", "uni-çé-日本-😀", "-dash", "--help", "9f1bf398-7edd-466d-9803-910bf431b955", "<inaccessible>", " lead", "a/b", "..",
        "x\" {9f1bf398-7edd-466d-9803-910bf431b955}\n\"vbdp-forged",
    ];

    private VirtualBoxLab? lab;

    internal VirtualBoxLab Lab => lab!;

    internal string Folder => Path.Combine(Lab.Folder, "others");

    private string RegistryFile => Path.Combine(Lab.Options.UserHome!, "VirtualBox.xml");

    public async ValueTask InitializeAsync()
    {
        lab = await VirtualBoxLab.OpenAsync();
        await lab.MakeImageAsync("base");
        foreach (var name in OddNames.Append("lost").Append("vbdp-theirs"))
        {
            await CreateAsync(name);
        }

        await MakeWithDiskAsync("with disk");
        foreach (var name in (string[])["clone-1", "clone-2", "clone-3"])
        {
            await lab.RunAsync("clonevm", "base", "--snapshot", "clean", "--options", "link", "--name", name, "--basefolder", Folder, "--register");
        }

        var model = await CreateAsync("model");
        await lab.RestartServiceAsync(() =>
        {
            File.WriteAllText(Directory.EnumerateFiles(Folder, "lost.vbox", SearchOption.AllDirectories).Single(), "");
            Multiply(model);
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (lab is not null)
        {
            await lab.RestartServiceAsync(() => { });
            await lab.DisposeAsync();
        }
    }

    /// <summary>Every file of theirs with what is in it, and which machines of theirs VirtualBox will know when it is started next.</summary>
    internal IReadOnlyList<string> Fingerprint() =>
    [
        .. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}"),
        .. Entries(Registry()).Elements().Select(entry => entry.ToString()).Where(entry => !entry.Contains(Lab.Options.MachineFolder, StringComparison.Ordinal)),
    ];

    private async Task<string> CreateAsync(string name)
    {
        var folder = Path.Combine(Folder, Guid.NewGuid().ToString("N"));
        await Lab.RunAsync("createvm", "--name", name, "--ostype", "Debian_64", "--basefolder", folder, "--register");
        return Directory.EnumerateFiles(folder, "*.vbox", SearchOption.AllDirectories).Single();
    }

    private async Task MakeWithDiskAsync(string name)
    {
        var disk = Path.Combine(Path.GetDirectoryName(await CreateAsync(name))!, "disk.vdi");
        await Lab.RunAsync("createmedium", "disk", "--filename", disk, "--size", "64");
        await Lab.RunAsync("storagectl", name, "--name", "SATA", "--add", "sata");
        await Lab.RunAsync("storageattach", name, "--storagectl", "SATA", "--port", "0", "--device", "0", "--type", "hdd", "--medium", disk);
        await Lab.RunAsync("snapshot", name, "take", "first");
        await Lab.RunAsync("snapshot", name, "take", "second");
    }

    // The service must not run: it would overwrite its registry.
    private void Multiply(string model)
    {
        var settings = File.ReadAllText(model);
        var uuid = ((string)XDocument.Parse(settings).Root!.Elements().First().Attribute("uuid")!).Trim('{', '}');
        var registry = Registry();
        for (var i = 0; i < Plain; i++)
        {
            var name = $"plain-{i}";
            var copy = Path.Combine(Directory.CreateDirectory(Path.Combine(Folder, name)).FullName, name + ".vbox");
            var own = Guid.NewGuid().ToString();
            File.WriteAllText(copy, settings.Replace(uuid, own, StringComparison.Ordinal).Replace("\"model\"", $"\"{name}\"", StringComparison.Ordinal));
            Entries(registry).Add(new XElement(registry.Root!.Name.Namespace + "MachineEntry", new XAttribute("uuid", $"{{{own}}}"), new XAttribute("src", copy)));
        }

        registry.Save(RegistryFile);
    }

    private XDocument Registry() => XDocument.Load(RegistryFile);

    private static XElement Entries(XDocument registry) => registry.Descendants().Single(element => element.Name.LocalName == "MachineRegistry");
}
