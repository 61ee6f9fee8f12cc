using Provisioner.Hypervisors;

namespace Provisioner.Server.Configuration;

/// <summary>Hardware that VMs can have, under a name that images and callers ask for it by.</summary>
internal sealed record HardwareOptions
{
    /// <summary>Virtual CPUs of a VM that does not ask for its own number; the image's when absent.</summary>
    public int? Cpus { get; set; }

    /// <summary>The same for memory, in MiB.</summary>
    public int? Memory { get; set; }

    /// <summary>Size of the disk that the guest sees, in MiB; the image's when absent.</summary>
    public int? Disk { get; set; }

    /// <summary>A TPM 2.0 in software.</summary>
    public bool Tpm { get; set; }

    /// <summary>Whether the guest may start machines of its own; the hypervisor's default when absent.</summary>
    public bool? Nested { get; set; }

    /// <summary>USB devices of the host.</summary>
    public List<UsbOptions> Usb { get; set; } = [];

    /// <summary>Serial ports of the host, by path.</summary>
    public List<string> Serial { get; set; } = [];

    public NetworkOptions Network { get; set; } = new();

    /// <summary>PCI devices of the host, as <c>0000:01:00.0</c>. QEMU only.</summary>
    public List<string> Pci { get; set; } = [];

    /// <summary>Enclave memory (SGX) in MiB. QEMU only.</summary>
    public int? Sgx { get; set; }

    /// <summary>The same for a hypervisor, with devices written in one way only.</summary>
    public VmHardware ToHardware() => new()
    {
        DiskMegabytes = Disk,
        Tpm = Tpm,
        Nested = Nested,
        Usb = [.. Usb.Select(device => new UsbDevice(device.Vendor.ToLowerInvariant(), device.Product.ToLowerInvariant(), device.Serial))],
        SerialPorts = [.. Serial],
        Pci = [.. Pci.Select(address => address.ToLowerInvariant())],
        SgxMegabytes = Sgx,
        Network = Network.Kind is { } kind ? new VmNetwork(kind, Network.Interface) : null,
    };
}
