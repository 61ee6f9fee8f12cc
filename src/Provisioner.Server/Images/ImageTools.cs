using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Hypervisors.VirtualBox;
using Provisioner.Server.Configuration;

namespace Provisioner.Server.Images;

/// <summary>The hypervisor of the configuration, as images need it: apart from the machines of the server.</summary>
internal static class ImageTools
{
    /// <exception cref="ImageException">There is nothing to build where nothing is real.</exception>
    public static IImageBuilder Builder(ServerOptions options, ImageFolder folder, TimeProvider time) => options.Hypervisor switch
    {
        HypervisorKind.Qemu => new QemuImageBuilder(options.Qemu, folder.Work, time),
        HypervisorKind.VirtualBox => new VirtualBoxImageBuilder(options.VirtualBox, new DiskImport(options.Qemu, time).ToVdiAsync, folder.Work, time),
        HypervisorKind.Simulated => throw new ImageException("A simulated hypervisor has no images to build. Choose 'qemu' or 'virtualbox' in the configuration."),
    };

    /// <summary>For a VM that is tried out.</summary>
    public static IHypervisor Hypervisor(ServerOptions options, ImageFolder folder, TimeProvider time)
    {
        var machines = Path.Combine(folder.Work, "machines");
        return options.Hypervisor switch
        {
            HypervisorKind.Qemu => new QemuHypervisor(options.Qemu with { Folder = machines }, time, NullLogger<QemuHypervisor>.Instance),
            HypervisorKind.VirtualBox => new VirtualBoxHypervisor(options.VirtualBox with { MachineFolder = machines }, time, NullLogger<VirtualBoxHypervisor>.Instance),
            HypervisorKind.Simulated => new SimulatedHypervisor(options.Simulated, time, NullLogger<SimulatedHypervisor>.Instance),
        };
    }
}
