namespace Provisioner.Hypervisors;

/// <summary>A PCI device of this host.</summary>
/// <param name="Address">As <c>0000:01:00.0</c>.</param>
/// <param name="Vendor">Four hexadecimal digits.</param>
/// <param name="Product">The same.</param>
/// <param name="Class">Six hexadecimal digits: 03.... is a display, 06.... a bridge.</param>
/// <param name="Driver">The kernel's driver that has it; null for none.</param>
/// <param name="Group">Its IOMMU group; null where the host has no IOMMU in use. Devices of one group can go to one machine only.</param>
public sealed record HostPciDevice(string Address, string Vendor, string Product, string Class, string? Driver, int? Group)
{
    public const string PassThroughDriver = "vfio-pci";

    public bool IsBridge => Class.StartsWith("06", StringComparison.Ordinal);

    /// <summary>What it is, in a word.</summary>
    public string Kind => Class[..2] switch
    {
        "01" => "storage",
        "02" => "network",
        "03" => "display",
        "04" => "multimedia",
        "06" => "bridge",
        "0c" => "serial bus",
        "12" => "accelerator",
        _ => "other",
    };
}
