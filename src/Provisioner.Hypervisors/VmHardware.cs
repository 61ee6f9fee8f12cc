using System.Text.Json.Serialization;

namespace Provisioner.Hypervisors;

/// <summary>
/// What a machine has beyond processors and memory. Comes from the configuration but for the size of the disk, and is checked there: no value can be an option
/// to a program, or end one. Settable, because generated JSON gives an init-only property that is absent no default.
/// </summary>
public sealed record VmHardware
{
    /// <summary>Size of the disk in MiB, not less than the image's; the image's own when absent.</summary>
    public int? DiskMegabytes { get; set; }

    /// <summary>A TPM 2.0 in software.</summary>
    public bool Tpm { get; set; }

    /// <summary>Whether the guest may start machines of its own; the driver's default when absent.</summary>
    public bool? Nested { get; set; }

    public IReadOnlyList<UsbDevice> Usb { get; set; } = [];

    /// <summary>Serial ports of the host, by path.</summary>
    public IReadOnlyList<string> SerialPorts { get; set; } = [];

    /// <summary>PCI devices of the host, as <c>0000:01:00.0</c>.</summary>
    public IReadOnlyList<string> Pci { get; set; } = [];

    /// <summary>Enclave memory in MiB.</summary>
    public int? SgxMegabytes { get; set; }

    /// <summary>The driver's own network when absent.</summary>
    public VmNetwork? Network { get; set; }

    /// <summary>The names of what only one machine can have at a time. They come from the devices, so that two profiles with one device share its lease.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Leases =>
        [.. Usb.Select(device => device.Lease), .. Pci.Select(address => $"pci:{address}"), .. SerialPorts.Select(path => $"serial:{path}")];
}
