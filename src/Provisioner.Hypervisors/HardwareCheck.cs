namespace Provisioner.Hypervisors;

/// <summary>Why a machine cannot have its hardware now: what is unplugged, in other hands, or switched off. Each answer names device, cause and remedy.</summary>
public static class HardwareCheck
{
    /// <summary>Null when all of it is there.</summary>
    public static string? FindProblem(VmHardware hardware, HostDevices host)
    {
        var problems = FindMissing(hardware, host).Select(missing => missing.Problem);
        if (hardware.SgxMegabytes is not null && !host.Exists("/dev/sgx_vepc"))
        {
            problems = problems.Append("This host has no /dev/sgx_vepc: switch SGX on in its firmware, with a kernel of 5.13 or later.");
        }

        return string.Join(' ', problems) is { Length: > 0 } all ? all : null;
    }

    /// <summary>The devices that are not to be had, by the names of their leases.</summary>
    public static IReadOnlyList<(string Lease, string Problem)> FindMissing(VmHardware hardware, HostDevices host)
    {
        var (usb, pci) = (hardware.Usb.Count > 0 ? host.ListUsb() : [], hardware.Pci.Count > 0 ? host.ListPci() : []);
        return
        [
            .. from device in hardware.Usb let problem = OfUsb(device, usb) where problem is not null select (device.Lease, problem),
            .. from address in hardware.Pci let problem = OfPci(address, pci, host) where problem is not null select ($"pci:{address}", problem),
            .. from path in hardware.SerialPorts where host.Resolve(path) is null select ($"serial:{path}", $"The serial port {path} is absent. Plug it in."),
        ];
    }

    private static string? OfUsb(UsbDevice device, IReadOnlyList<HostUsbDevice> plugged) => plugged.Count(usb => usb.Is(device)) switch
    {
        0 => $"The USB device {device.Lease[4..]} is absent. Plug it in.",
        1 => null,
        var many => $"There are {many} USB devices {device.Lease[4..]}. Name the serial of one of them.",
    };

    private static string? OfPci(string address, IReadOnlyList<HostPciDevice> all, HostDevices host)
    {
        if (all.FirstOrDefault(pci => pci.Address == address) is not { } device)
        {
            return $"The PCI device {address} is absent. See lspci -D on the host.";
        }

        if (device.Group is not { } group)
        {
            return $"The PCI device {address} is in no IOMMU group. Switch the IOMMU on: in the firmware, and intel_iommu=on for kernels that ask for it.";
        }

        // Bridges stay with the host; all else of a group is one machine's, or nobody's.
        var others = all.Where(pci => pci.Group == group && !pci.IsBridge && pci.Driver != HostPciDevice.PassThroughDriver).ToList();
        if (others.FirstOrDefault(pci => pci.Address == address) is not null)
        {
            return $"The PCI device {address} is in the hands of {device.Driver ?? "no driver"}. Bind it to {HostPciDevice.PassThroughDriver}.";
        }

        return others.FirstOrDefault(pci => pci.Driver is not null) is { } neighbour
            ? $"The PCI device {address} shares IOMMU group {group} with {neighbour.Address}, which {neighbour.Driver} has. Bind that to {HostPciDevice.PassThroughDriver} too."
            : host.Exists($"/dev/vfio/{group}") ? null
            : $"The PCI device {address} cannot be reached: there is no /dev/vfio/{group}. Load vfio-pci, and let the server see that file.";
    }
}
