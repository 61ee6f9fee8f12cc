using Provisioner.Hypervisors;

namespace Provisioner.Server.Configuration;

/// <summary>
/// Two names for one device would be two leases for it, and two VMs could have it. What can be seen in the configuration is refused here;
/// two paths that lead to one serial port show only when it is plugged in, and are looked for then.
/// </summary>
internal static class HardwareConflicts
{
    public static IEnumerable<string> Errors(ServerOptions options)
    {
        var all = options.Hardware.SelectMany(profile => profile.Value.ToHardware().Usb.Select(device => (Key: $"hardware.{profile.Key}.usb", Device: device))).ToList();
        foreach (var (key, device) in all.Where(entry => entry.Device.Serial is null))
        {
            if (all.FirstOrDefault(other => other.Device.Serial is not null && IsSameProduct(other.Device, device)) is { Key: { } other })
            {
                yield return $"{key}: {device.Vendor}:{device.Product} without a serial may be the one that {other} names with its serial. Give it a serial, too.";
            }
        }

        foreach (var (name, profile) in options.Hardware)
        {
            foreach (var twice in profile.ToHardware().Leases.GroupBy(lease => lease).Where(group => group.Count() > 1))
            {
                yield return $"hardware.{name}: the device {twice.Key} stands in it twice. Leave one out.";
            }
        }
    }

    private static bool IsSameProduct(UsbDevice one, UsbDevice other) => (one.Vendor, one.Product) == (other.Vendor, other.Product);
}
