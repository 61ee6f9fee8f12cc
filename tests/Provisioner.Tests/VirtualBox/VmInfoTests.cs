using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

public sealed class VmInfoTests
{
    [Fact(Timeout = 10_000)]
    public void A_machine_is_read()
    {
        var info = VmInfo.Parse(Sample.Read("showvminfo-mr"));

        Assert.Equal("runner-1", info.Name);
        Assert.Equal("/srv/vbox/vms/runner-1/runner-1.vbox", info.SettingsFile);
        Assert.Equal(VmPower.Off, info.Power);
        Assert.Equal(["/srv/vbox/vms/runner-1/Snapshots/{2eb91249-c008-48a2-87c6-e6694c2d7d16}.vdi"], info.Disks);
        Assert.Equal("", info.Description);
    }

    [Theory(Timeout = 10_000)]
    [InlineData("dquote", "q\"dq")]
    [InlineData("newline", "new\nline")]
    [InlineData("backslash", "back\\slash")]
    [InlineData("unicode", "uni-çé-日本-😀")]
    public void Odd_names_are_read_whole(string sample, string name)
    {
        var info = VmInfo.Parse(Sample.Read("showvminfo-mr-name-" + sample));

        Assert.Equal(name, info.Name);
        Assert.Equal("poweroff", info.State);
    }

    [Fact(Timeout = 10_000)]
    public void A_description_of_several_lines_is_read_whole() =>
        Assert.Equal("line1 \"q\"\nline2", VmInfo.Parse("name=\"x\"\ndescription=\"line1 \\\"q\\\"\nline2\"\n").Description);

    [Fact(Timeout = 10_000)]
    public void A_description_cannot_forge_a_state()
    {
        var info = VmInfo.Parse("name=\"x\"\nVMState=\"running\"\ndescription=\"line\nVMState=\"poweroff\"\n\"\n");

        Assert.Equal("running", info.State);
    }

    [Theory(Timeout = 10_000)]
    [InlineData("poweroff", VmPower.Off)]
    [InlineData("aborted", VmPower.Off)]
    [InlineData("aborted-saved", VmPower.Off)]
    [InlineData("saved", VmPower.Off)]
    [InlineData("teleported", VmPower.Off)]
    [InlineData("running", VmPower.On)]
    [InlineData("paused", VmPower.Broken)]
    [InlineData("starting", VmPower.On)]
    [InlineData("stopping", VmPower.On)]
    [InlineData("gurumeditation", VmPower.Broken)]
    [InlineData("something new", VmPower.On)]
    public void Each_state_of_VirtualBox_is_a_power(string state, VmPower power) =>
        Assert.Equal(power, VmInfo.Parse($"VMState=\"{state}\"\n").Power);
}
