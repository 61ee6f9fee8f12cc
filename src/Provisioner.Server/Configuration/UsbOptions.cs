namespace Provisioner.Server.Configuration;

/// <summary>A USB device of the host.</summary>
internal sealed record UsbOptions
{
    /// <summary>Four hexadecimal digits, as <c>lsusb</c> shows them.</summary>
    public string Vendor { get; set; } = "";

    /// <summary>The same for the product.</summary>
    public string Product { get; set; } = "";

    /// <summary>Needed where there are several of the same product.</summary>
    public string? Serial { get; set; }
}
