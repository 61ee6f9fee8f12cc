using Provisioner.Server.Configuration;
using Provisioner.Server.Placement;

namespace Provisioner.Tests.Placement;

public sealed class HostCapacityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("capacity").FullName;

    [Fact]
    public void What_our_machines_take_already_is_room_for_them()
    {
        const long Gibibyte = 1024;
        var empty = Measure();
        var disk = Path.Combine(_folder, "vbdp-vm", "Snapshots", "disk.vdi");
        Directory.CreateDirectory(Path.GetDirectoryName(disk)!);
        using (var file = File.Create(disk))
        {
            file.SetLength(1024 * Gibibyte * 1024 * 1024); // of which nothing is written, so that as much is free as before
        }

        // Others write to this disk meanwhile.
        Assert.InRange(Measure() - empty, 900 * Gibibyte, 1100 * Gibibyte);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private long Measure() => HostCapacity.Of(new ServerOptions { Hypervisor = HypervisorKind.VirtualBox, VirtualBox = { MachineFolder = _folder } }).Disk;
}
