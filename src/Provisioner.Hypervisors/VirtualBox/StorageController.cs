namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>A controller of a machine, as its settings file has it.</summary>
/// <param name="Name">What VBoxManage calls it.</param>
/// <param name="Type">Its kind, in the words of the settings file.</param>
/// <param name="Ports">How many it has.</param>
/// <param name="Attached">What is in them.</param>
internal sealed record StorageController(string Name, string Type, int Ports, IReadOnlyList<StorageController.Slot> Attached)
{
    public Slot? At(int port, int device) => Attached.FirstOrDefault(slot => slot.Port == port && slot.Device == device);

    /// <param name="Port">Which port.</param>
    /// <param name="Device">Which device of the port.</param>
    /// <param name="IsDrive">Whether it takes CDs and DVDs.</param>
    /// <param name="Image">What is in it.</param>
    internal sealed record Slot(int Port, int Device, bool IsDrive, Guid? Image);
}
