namespace Provisioner.Hypervisors;

/// <summary>A USB device of the host, by what it says of itself. Two of the same make differ by their serial only.</summary>
/// <param name="Vendor">Four hexadecimal digits in lower case.</param>
/// <param name="Product">The same.</param>
/// <param name="Serial">Null where there is only one such device.</param>
public sealed record UsbDevice(string Vendor, string Product, string? Serial = null)
{
    /// <summary>The name that its lease is kept under.</summary>
    public string Lease => Serial is null ? $"usb:{Vendor}:{Product}" : $"usb:{Vendor}:{Product}:{Serial}";
}
