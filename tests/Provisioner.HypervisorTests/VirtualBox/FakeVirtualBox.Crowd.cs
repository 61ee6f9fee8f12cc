using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

internal sealed partial class FakeVirtualBox
{
    /// <summary>How many calls of this kind there were.</summary>
    public int Count(string command) =>
        File.Exists(Path.Combine(home, "calls")) ? Calls.Split('\n').Count(call => call.StartsWith(command, StringComparison.Ordinal)) : 0;

    /// <summary>Whether no call is under way but those that wait for a guest.</summary>
    public bool IsAtRest => !File.Exists(Path.Combine(home, "calls"))
        || Lines("calls").Count(call => !call.StartsWith("guestproperty wait", StringComparison.Ordinal)) == EndedCount;

    private int EndedCount => File.Exists(Path.Combine(home, "ended")) ? Lines("ended").Length : 0;

    /// <summary>Puts a complete machine of ours there, which runs, with its process, and whose guest has reported this.</summary>
    public StandIn AddRunning(VmId id, string? phase)
    {
        var mark = new VmMark(Options.MachineFolder);
        var machine = Machine(id);
        var settings = mark.SettingsFileOf(id);
        Directory.CreateDirectory(Path.Combine(machine, "extradata"));
        Directory.CreateDirectory(Path.Combine(machine, "properties"));
        Directory.CreateDirectory(Path.GetDirectoryName(settings)!);
        File.WriteAllText(Path.Combine(machine, "name"), VmMark.NameOf(id) + "\n");
        File.WriteAllText(Path.Combine(machine, "file"), settings + "\n");
        File.WriteAllText(Path.Combine(machine, "state"), "running\n");
        var uuid = mark.UuidOf(id);
        File.WriteAllText(settings,
            $"""<VirtualBox xmlns="http://www.virtualbox.org/"><Machine uuid="{uuid:B}" name="{VmMark.NameOf(id)}"><Description>{VmMark.DescriptionOf(id)}</Description><ExtraData><ExtraDataItem name="{VmMark.Key}" value="{uuid}"/></ExtraData></Machine></VirtualBox>""" + "\n");
        if (phase is not null)
        {
            Report(id, phase);
        }

        return StandIn.Start(VmMark.NameOf(id), uuid);
    }

    /// <summary>Takes the machine out of the registry, as a person might.</summary>
    public void Unregister(VmId id) => Directory.Delete(Machine(id), recursive: true);
}
