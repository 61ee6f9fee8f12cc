using Provisioner.Server.Configuration;
using Provisioner.Server.Placement;

namespace Provisioner.Server.Doctor;

/// <summary>Whether the disk holds as many VMs as the configuration allows at once.</summary>
internal static class DiskCheck
{
    private const string Name = "disk";
    private const string Page = "docs/reference/configuration.md";

    public static Task<IReadOnlyList<Finding>> LookAsync(ServerOptions options) => Task.FromResult<IReadOnlyList<Finding>>(
        options.Hypervisor == HypervisorKind.Simulated ? [] : [Judge(options, HostCapacity.Of(options).Disk, HostCapacity.Folder(options))]);

    /// <param name="options">The configuration.</param>
    /// <param name="available">What VMs may take, in MiB.</param>
    /// <param name="folder">Where their disks are.</param>
    public static Finding Judge(ServerOptions options, long available, string folder)
    {
        var each = options.Images.Values.Select(image => image.Disk ?? Needs.DefaultDisk).Append(0).Max();
        var all = (long)each * options.Vms.MaxRunning;
        var room = $"{available / 1024} GiB for VMs in {folder}";
        return available < each ? Finding.Fail(Name, $"{room}: not one VM fits, which may take {each / 1024.0:0.#} GiB.", "Free space there, or move the folder.", Page)
            : available < all ? Finding.Warn(Name, $"{room}: {available / each} of {options.Vms.MaxRunning} VMs (vms.maxRunning) fit at the same time, the others wait.", "Free space there, move the folder, or lower images.<alias>.disk if they never take as much.", Page)
            : Finding.Ok(Name, room);
    }
}
