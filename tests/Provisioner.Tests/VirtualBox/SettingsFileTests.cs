using System.Text;
using CsCheck;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.Tests.VirtualBox;

public sealed class SettingsFileTests : IDisposable
{
    private const string Odd = "odd é \"q\" <x> & ]]>";
    private const string OddValue = "line1\nline2\ttab ' \"q\" <b>&amp; ]]> 日本";

    private readonly string folder = Directory.CreateTempSubdirectory("vbdp-settings-").FullName;

    private string File => Path.Combine(folder, "vbdp-a.vbox");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact(Timeout = 10_000)]
    public void A_clones_settings_are_read()
    {
        var settings = Read("settings-plain-clone")!;

        Assert.Equal(Guid.Parse("f7d15172-0803-41eb-b8a7-7828c13be066"), settings.Uuid);
        Assert.Equal(("runner-1", ""), (settings.Name, settings.Description));
        Assert.Equal("basevalue", settings.ExtraData["basekey"]);
        Assert.Equal("ready", settings.GuestProperties["/gha/state"]);
        Assert.Equal([Guid.Parse("2eb91249-c008-48a2-87c6-e6694c2d7d16")], settings.Disks);
        Assert.Empty(settings.Snapshots);
    }

    [Fact(Timeout = 10_000)]
    public void Values_are_read_whatever_stands_in_them()
    {
        var settings = Read("settings-clone")!;

        Assert.Equal("x\n\n  <y> \r & z  ", settings.Description);
        Assert.Equal("l1\nl2 <&>\"", settings.ExtraData["VBoxInternal/odd é"]);
        Assert.Equal("a\r\nb", settings.ExtraData["cr"]);
        Assert.Equal(OddValue, settings.GuestProperties[Odd]);
    }

    [Fact(Timeout = 10_000)]
    public void All_snapshots_are_read_however_deep_they_lie_and_disks_are_those_of_now()
    {
        var settings = Read("settings-base")!;

        Assert.Equal([("clean", false), ("second", false), ("thi\"rd <&>", true)], settings.Snapshots.Select(snapshot => (snapshot.Name, snapshot.IsCurrent)));
        Assert.Single(settings.Disks);
    }

    [Fact(Timeout = 10_000)]
    public void A_fresh_clone_is_disinherited_of_all_but_its_devices_settings()
    {
        var settings = Read("settings-clone")!;
        settings.Disinherit([new("label", OddValue), new(Odd, "")], [new("VBDP/Uuid", "x")], DateTimeOffset.UnixEpoch.AddSeconds(1));
        settings.Save(File);

        var written = SettingsFile.TryRead(File)!;
        var text = System.IO.File.ReadAllText(File);
        Assert.Equal((settings.Uuid, "vbdp-two", ""), (written.Uuid, written.Name, written.Description));
        Assert.Equal([new("label", OddValue), new(Odd, "")], written.GuestProperties);
        Assert.Equal(["VBDP/Uuid", "VBoxInternal/TM/W", "VBoxInternal/odd é"], written.ExtraData.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(settings.ExtraData["VBoxInternal/odd é"], written.ExtraData["VBoxInternal/odd é"]);
        Assert.Equal(settings.Disks, written.Disks);
        Assert.DoesNotContain("<Forwarding", text, StringComparison.Ordinal);
        Assert.DoesNotContain("SharedFolder", text, StringComparison.Ordinal);
        Assert.Contains("timestamp=\"1000000000\" flags=\"\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("xmlns=\"\"", text, StringComparison.Ordinal);
    }

    [Fact(Timeout = 10_000)]
    public void Settings_are_for_their_user_only_and_nothing_is_left_beside_them()
    {
        System.IO.File.WriteAllText(File, "old");

        Read("settings-clone")!.Save(File);

        Assert.Equal([File], Directory.EnumerateFileSystemEntries(folder));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }
    }

    [Fact(Timeout = 10_000)]
    public void A_machine_is_complete_when_its_settings_say_so_of_this_very_machine()
    {
        var mark = new VmMark(folder);
        var id = VmId.Parse("a");
        var whole = Read(Settings(mark.UuidOf(id), "vbdp-a", mark.UuidOf(id), VmMark.DescriptionOf(id)));
        string[] others =
        [
            Settings(Guid.NewGuid(), "vbdp-a", mark.UuidOf(id), VmMark.DescriptionOf(id)),
            Settings(mark.UuidOf(id), "kept", mark.UuidOf(id), VmMark.DescriptionOf(id)),
            Settings(mark.UuidOf(id), "vbdp-a", Guid.NewGuid(), VmMark.DescriptionOf(id)),
            Settings(mark.UuidOf(id), "vbdp-a", mark.UuidOf(id), VmMark.DescriptionOf(VmId.Parse("b"))),
        ];

        Assert.True(mark.IsComplete(id, whole));
        Assert.All(others, other => Assert.False(mark.IsComplete(id, Read(other))));
        Assert.Equal([false, false, true, true], others.Select(other => mark.IsOurs(id, Read(other))));

        static SettingsFile? Read(string text)
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(text));
            return SettingsFile.TryRead(stream);
        }
    }

    [Fact(Timeout = 60_000)]
    public void Any_value_comes_back_as_it_was_but_for_what_xml_cannot_hold()
    {
        Gen.String[Gen.Char, 0, 20].Sample(value =>
        {
            var settings = Read("settings-plain-clone")!;
            settings.Disinherit([new("label", value)], [], DateTimeOffset.UnixEpoch);
            settings.Save(File);
            var read = SettingsFile.TryRead(File)!.GuestProperties["label"];
            return read.Length == value.Length && read.Zip(value).All(pair => pair.First == pair.Second || pair.First == '\uFFFD');
        }, iter: 200, threads: 1);
    }

    [Theory(Timeout = 10_000)]
    [InlineData("")]
    [InlineData("half")]
    [InlineData("<VirtualBox/>")]
    [InlineData("<VirtualBox><Machine name='x'/></VirtualBox>")]
    [InlineData("<VirtualBox><Machine uuid='{no}'/></VirtualBox>")]
    [InlineData("<VirtualBox><Machine uuid='{f7d15172-0803-41eb-b8a7-7828c13be066}'>")]
    [InlineData("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><VirtualBox><Machine uuid='{f7d15172-0803-41eb-b8a7-7828c13be066}' name='&e;'/></VirtualBox>")]
    public void What_is_no_machines_settings_is_none(string text)
    {
        System.IO.File.WriteAllText(File, text);

        Assert.Null(SettingsFile.TryRead(File));
    }

    [Fact(Timeout = 10_000)]
    public void Settings_that_are_not_there_too_large_or_a_folder_are_none()
    {
        using var large = new MemoryStream(Encoding.UTF8.GetBytes(
            "<VirtualBox><Machine uuid='{f7d15172-0803-41eb-b8a7-7828c13be066}'>" + new string(' ', 17 << 20) + "</Machine></VirtualBox>"));

        Assert.Null(SettingsFile.TryRead(File));
        Assert.Null(SettingsFile.TryRead(folder));
        Assert.Null(SettingsFile.TryRead(large));
    }

    private static string Settings(Guid uuid, string name, Guid marked, string description) =>
        $"<VirtualBox xmlns='http://www.virtualbox.org/'><Machine uuid='{uuid:B}' name='{name}'><Description>{description}</Description>"
        + $"<ExtraData><ExtraDataItem name='VBDP/Uuid' value='{marked}'/></ExtraData></Machine></VirtualBox>";

    private static SettingsFile? Read(string sample)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(Sample.Read(sample)));
        return SettingsFile.TryRead(stream);
    }
}
