namespace Provisioner.Tests.Hardware;

/// <summary>A folder with the /sys and /dev of a host that has what the test puts there.</summary>
internal sealed class HostTree : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("vbdp-host").FullName;

    public HostTree Usb(string port, string vendor, string product, string? serial = null, string deviceClass = "00")
    {
        var folder = $"sys/bus/usb/devices/1-{port}";
        foreach (var (file, text) in new[] { ("idVendor", vendor), ("idProduct", product), ("busnum", "1"), ("devpath", port), ("bDeviceClass", deviceClass), ("manufacturer", "Acme"), ("product", "Key") })
        {
            Write($"{folder}/{file}", text);
        }

        return serial is null ? this : Write($"{folder}/serial", serial);
    }

    public HostTree Pci(string address, string deviceClass, string? driver, int? group)
    {
        var folder = $"sys/bus/pci/devices/{address}";
        Write($"{folder}/vendor", "0x10de").Write($"{folder}/device", "0x1b80").Write($"{folder}/class", $"0x{deviceClass}");
        Link($"{folder}/driver", driver is null ? null : $"../../../../bus/pci/drivers/{driver}");
        return Link($"{folder}/iommu_group", group is null ? null : $"../../../../kernel/iommu_groups/{group}");
    }

    public HostTree Write(string path, string text)
    {
        var file = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text + "\n");
        return this;
    }

    public HostTree Link(string path, string? target)
    {
        if (target is not null)
        {
            var file = Path.Combine(Root, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.CreateSymbolicLink(file, target);
        }

        return this;
    }

    public void Unplug(string path)
    {
        if (Directory.Exists(Path.Combine(Root, path)))
        {
            Directory.Delete(Path.Combine(Root, path), recursive: true);
        }
        else
        {
            File.Delete(Path.Combine(Root, path));
        }
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
