using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

public sealed class VmMarkTests
{
    private readonly VmMark mark = new("/srv/machines/");
    private readonly VmId id = VmId.Parse("a");

    [Fact(Timeout = 10_000)]
    public void A_uuid_follows_from_folder_and_id_for_ever()
    {
        // Changing the rule would make strangers of all machines of an earlier version.
        Assert.Equal(Guid.Parse("36568855-2fd9-8bb2-8343-b4c38566158a"), mark.UuidOf(id));
        Assert.NotEqual(mark.UuidOf(id), mark.UuidOf(VmId.Parse("b")));
        Assert.NotEqual(mark.UuidOf(id), new VmMark("/srv/other").UuidOf(id));
    }

    [Theory(Timeout = 10_000)]
    [InlineData("vbdp-a", "/srv/machines/vbdp-a/vbdp-a.vbox", true)]
    [InlineData("vbdp-b", "/srv/machines/vbdp-a/vbdp-a.vbox", false)]
    [InlineData("vbdp-a", "/home/me/vbdp-a/vbdp-a.vbox", false)]
    [InlineData("vbdp-a", "/srv/machines/../other/vbdp-a/vbdp-a.vbox", false)]
    public void Name_and_folder_must_both_be_ours(string name, string file, bool ours) =>
        Assert.Equal(ours, mark.IsOurs(id, new VmInfo { Name = name, SettingsFile = file, State = "poweroff" }));

    [Theory(Timeout = 10_000)]
    [InlineData("vbdp-")]
    [InlineData("vbdp--a")]
    [InlineData("vbdp-A")]
    [InlineData("vbdp-../x")]
    [InlineData("base")]
    public void Other_names_are_not_ours(string name) => Assert.False(VmMark.TryParseName(name, out _));
}
