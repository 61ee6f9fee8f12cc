namespace Provisioner.Hypervisors;

/// <summary>A USB device that is plugged in now.</summary>
/// <param name="Device">What it says of itself.</param>
/// <param name="Bus">Number of its bus.</param>
/// <param name="Port">Where on that bus it is plugged in, as <c>1.2</c>: unlike its address this stays when it is reset.</param>
/// <param name="Name">For people.</param>
public sealed record HostUsbDevice(UsbDevice Device, int Bus, string Port, string Name)
{
    public bool Is(UsbDevice wanted) =>
        (Device.Vendor, Device.Product) == (wanted.Vendor, wanted.Product) && (wanted.Serial is null || wanted.Serial == Device.Serial);
}
