using System.Text;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

/// <summary>Where the drive of a clone's seed goes.</summary>
public sealed class DriveBayTests
{
    private const string Sata = """<StorageController name="SATA" type="AHCI" PortCount="2"><AttachedDevice type="HardDisk" port="0" device="0"><Image uuid="{55ed1732-b7ba-4e06-962f-2fa5a19859e5}"/></AttachedDevice></StorageController>""";
    private const string FullSata = """<StorageController name="SATA" type="AHCI" PortCount="1"><AttachedDevice type="HardDisk" port="0" device="0"/></StorageController>""";

    private const string Ide = """
        <StorageController name="the IDE" type="PIIX4" PortCount="2">
          <AttachedDevice type="HardDisk" port="0" device="0"/>
          <AttachedDevice type="DVD" port="0" device="1"><Image uuid="{55ed1732-b7ba-4e06-962f-2fa5a19859e5}"/></AttachedDevice>
          <AttachedDevice type="DVD" port="1" device="1"/>
        </StorageController>
        """;

    public static TheoryData<string, string, string?> Machines => new()
    {
        { "the first free port", Sata, "SATA 1 0" },
        { "an empty drive before a free port", Sata + Ide, "the IDE 1 1" },
        { "no drive with a medium of the image's", """<StorageController name="IDE" type="ICH6" PortCount="2"><AttachedDevice type="DVD" port="0" device="0"><Image uuid="{55ed1732-b7ba-4e06-962f-2fa5a19859e5}"/></AttachedDevice></StorageController>""", "IDE 0 1" },
        { "virtio", FullSata + """<StorageController name="V" type="VirtioSCSI" PortCount="1"/>""", "V 0 0" },
        { "nothing where all is taken", FullSata, null },
        { "nothing where no guest finds it", """<StorageController name="N" type="NVMe" PortCount="4"/><StorageController name="F" type="I82078" PortCount="1"/><StorageController name="U" type="USB" PortCount="8"/>""", null },
        { "nothing without controllers", "", null },
    };

    [Theory]
    [MemberData(nameof(Machines))]
    public void It_is(string what, string controllers, string? expected)
    {
        Assert.NotEmpty(what);
        var bay = DriveBay.Find(Read(controllers));

        Assert.Equal(expected, bay is null ? null : $"{bay.Controller} {bay.Port} {bay.Device}");
    }

    [Fact]
    public void What_vboxmanage_is_told()
    {
        var bay = DriveBay.Find(Read(Sata))!;

        Assert.Equal(
            ["storageattach", "the-uuid", "--storagectl", "SATA", "--port", "1", "--device", "0", "--type", "dvddrive", "--medium", "/vms/vbdp-one/seed.iso"],
            bay.Insert("the-uuid", "/vms/vbdp-one/seed.iso"));
    }

    [Fact]
    public void It_is_full_when_a_medium_is_in_its_drive()
    {
        var bay = DriveBay.Find(Read(Sata))!;

        Assert.False(bay.IsFull(Read(Sata)));
        Assert.False(bay.IsFull([]));
        Assert.False(bay.IsFull(Read(Sata.Replace("</StorageController>", """<AttachedDevice type="DVD" port="1" device="0"/></StorageController>""", StringComparison.Ordinal))));
        Assert.True(bay.IsFull(Read(Sata.Replace("</StorageController>", """<AttachedDevice type="DVD" port="1" device="0"><Image uuid="{55ed1732-b7ba-4e06-962f-2fa5a19859e5}"/></AttachedDevice></StorageController>""", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("<Hardware><StorageControllers>{0}</StorageControllers></Hardware>")]
    [InlineData("<Hardware/><StorageControllers>{0}</StorageControllers>")]
    public void Controllers_are_read_where_each_version_has_them(string place)
    {
        var controller = Assert.Single(Read(Sata, place));

        Assert.Equal(("SATA", "AHCI", 2), (controller.Name, controller.Type, controller.Ports));
        Assert.Equal(new StorageController.Slot(0, 0, IsDrive: false, Guid.Parse("55ed1732-b7ba-4e06-962f-2fa5a19859e5")), Assert.Single(controller.Attached));
    }

    private static IReadOnlyList<StorageController> Read(string controllers, string place = "<Hardware><StorageControllers>{0}</StorageControllers></Hardware>")
    {
        var text = $$"""<VirtualBox xmlns="http://www.virtualbox.org/"><Machine uuid="{f7d15172-0803-41eb-b8a7-7828c13be066}" name="x">{{place.Replace("{0}", controllers, StringComparison.Ordinal)}}</Machine></VirtualBox>""";
        return SettingsFile.TryRead(new MemoryStream(Encoding.UTF8.GetBytes(text)))!.Controllers;
    }
}
