namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>
/// What VirtualBox has under the UUID of one of our ids. There is no info when the settings file cannot be read; it is not
/// complete when a mark is missing, as in a clone that was cut short.
/// </summary>
internal sealed record SeenMachine(VmId Id, string Uuid, VmInfo? Info, bool IsComplete)
{
    public VmPower Power => Info?.Power ?? VmPower.Broken;
}
