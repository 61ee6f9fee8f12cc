using Microsoft.Extensions.Logging;

namespace Provisioner.Hypervisors.VirtualBox;

/// <summary>What all parts of the driver share.</summary>
internal sealed record VBoxHost(VBoxManage Manage, VBoxChanges Changes, Machines Machines, VmMark Mark, VirtualBoxOptions Options)
{
    public static VBoxHost Open(VirtualBoxOptions options, TimeProvider time, ILogger logger)
    {
        var manage = new VBoxManage(options, time, logger);
        var mark = new VmMark(options.MachineFolder);
        return new VBoxHost(manage, new VBoxChanges(manage, options), new Machines(manage, mark, time), mark, options);
    }

    /// <summary>The settings where those of a machine of ours are; null when there are none that can be read.</summary>
    public SettingsFile? ReadSettings(VmId id) => SettingsFile.TryRead(Mark.SettingsFileOf(id));
}
