using System.Globalization;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>A place for a CD-ROM drive: one that has an empty drive, or where there is nothing yet.</summary>
internal sealed record DriveBay(string Controller, int Port, int Device)
{
    // IDE has two cables for two devices each. NVMe, USB, floppy and the old SCSI controllers have no drive that any guest boots with.
    private static int DevicesOf(StorageController controller) => controller.Type switch
    {
        "AHCI" or "VirtioSCSI" => 1,
        "PIIX3" or "PIIX4" or "ICH6" => 2,
        _ => 0,
    };

    /// <summary>The best one; null if there is none. A medium that the image left in a drive stays.</summary>
    public static DriveBay? Find(IReadOnlyList<StorageController> controllers)
    {
        var fitting = controllers.Where(controller => DevicesOf(controller) > 0).ToList();
        var empty =
            from controller in fitting
            from device in controller.Attached
            where device is { IsDrive: true, Image: null }
            select new DriveBay(controller.Name, device.Port, device.Device);
        var free =
            from controller in fitting
            from port in Enumerable.Range(0, controller.Ports)
            from device in Enumerable.Range(0, DevicesOf(controller))
            where controller.At(port, device) is null
            select new DriveBay(controller.Name, port, device);
        return empty.Concat(free).FirstOrDefault();
    }

    public IReadOnlyList<string> Insert(string machine, string medium) =>
    [
        "storageattach", machine, "--storagectl", Controller, "--port", Text(Port), "--device", Text(Device), "--type", "dvddrive", "--medium", medium,
    ];

    /// <summary>Whether something is in it.</summary>
    public bool IsFull(IReadOnlyList<StorageController> controllers) =>
        controllers.FirstOrDefault(controller => controller.Name == Controller)?.At(Port, Device) is { IsDrive: true, Image: not null };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
