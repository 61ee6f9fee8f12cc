using System.Diagnostics;
using System.Text.Json.Nodes;
using Provisioner.HypervisorTests;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Tests.Programs;
using QemuOptions = Provisioner.Hypervisors.Qemu.QemuOptions;
using VirtualBoxOptions = Provisioner.Hypervisors.VirtualBox.VirtualBoxOptions;

namespace Provisioner.Tests.Store;

/// <summary>A server whose folders others could exchange for links does not start (threat T10).</summary>
public sealed class FolderWayTests : IDisposable
{
    private const int Patience = 300_000;
    private const int Private = 0b111_000_000;
    private const int Open = 0b111_111_111;
    private const int OpenToGroup = 0b111_111_000;
    private const int Sticky = 0b1_000_000_000 | Open;

    private readonly string _root = Directory.CreateTempSubdirectory("way").FullName;

    public FolderWayTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Folders are judged on Linux alone.");

    [Fact]
    public void What_is_missing_is_made_for_the_servers_user_alone()
    {
        Assert.Null(FolderWay.FindProblem(In("a/b"), make: true, shared: false));

        Assert.Equal(("0700", "0700"), (FileFacts.Of(In("a"))?.Mode, FileFacts.Of(In("a/b"))?.Mode));
        Assert.Null(FolderWay.FindProblem(In("a/c"), make: false, shared: false));
        Assert.False(Directory.Exists(In("a/c")));
    }

    [Theory]
    [InlineData(Open, "0777")]
    [InlineData(OpenToGroup, "0770")]
    [InlineData(Sticky, "1777")]
    public void A_folder_that_others_can_write_in_is_refused_with_its_mode_and_the_remedy(int mode, string named)
    {
        var folder = Make("machines", mode);

        Assert.StartsWith($"{folder} has mode {named}: ", FolderWay.FindProblem(folder, make: true, shared: false), StringComparison.Ordinal);
        Assert.Contains($"(chmod go-w {folder})", FolderWay.FindProblem(folder, make: false, shared: false), StringComparison.Ordinal);
        File.SetUnixFileMode(folder, (UnixFileMode)mode & ~(UnixFileMode)0b000_010_010);
        Assert.Null(FolderWay.FindProblem(folder, make: true, shared: false));
    }

    [Theory]
    [InlineData(Open, false)]
    [InlineData(OpenToGroup, true)] // of the user's own group
    [InlineData(Sticky, true)]
    [InlineData(Private, true)]
    public void So_is_one_below_a_folder_in_which_others_can_rename_it(int mode, bool isTaken)
    {
        Make("share", mode);
        Make("share/machines", Private);

        Assert.Equal(isTaken, FolderWay.FindProblem(In("share/machines"), make: true, shared: false) is null);
        Assert.Equal(isTaken, FolderWay.FindProblem(In("share/new/one"), make: true, shared: false) is null);
        Assert.Equal(isTaken, Directory.Exists(In("share/new/one")));
    }

    [Fact]
    public void The_folder_of_secrets_may_be_everybodys_where_each_can_touch_only_his_own()
    {
        Assert.Null(FolderWay.FindProblem(Make("sticky", Sticky), make: false, shared: true));
        Assert.Contains("has mode 0777", FolderWay.FindProblem(Make("open", Open), make: false, shared: true), StringComparison.Ordinal);
    }

    [Fact]
    public void Behind_a_link_the_way_is_judged_as_well()
    {
        Make("good", Private);
        Make("share", Open);
        Make("share/machines", Private);
        foreach (var (name, target) in new[] { ("relative", "./good/../good"), ("absolute", In("good")), ("bad", "share/machines"), ("loop", "loop"), ("new", "good/made") })
        {
            File.CreateSymbolicLink(In(name), target);
        }

        Assert.Null(FolderWay.FindProblem(In("relative"), make: true, shared: false));
        Assert.Null(FolderWay.FindProblem(In("absolute/deeper"), make: true, shared: false));
        Assert.Null(FolderWay.FindProblem(In("new"), make: true, shared: false));
        Assert.True(Directory.Exists(In("good/deeper")) && Directory.Exists(In("good/made")));
        Assert.StartsWith($"{In("share")} has mode 0777", FolderWay.FindProblem(In("bad"), make: true, shared: false), StringComparison.Ordinal);
        Assert.StartsWith($"{In("loop")} is a link", FolderWay.FindProblem(In("loop"), make: true, shared: false), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_another_users_is_refused_be_it_folder_parent_or_link()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can give a folder to another user.");
        Make("share", Sticky);
        await GiveAsync(Make("share/his", Private));
        File.CreateSymbolicLink(In("share/link"), Make("mine", Private));
        await GiveAsync(In("share/link"));

        Assert.StartsWith($"{In("share/his")} belongs to user {LinkSetter.Nobody}, ", FolderWay.FindProblem(In("share/his"), make: true, shared: false), StringComparison.Ordinal);
        Assert.StartsWith($"{In("share/his")} belongs to user {LinkSetter.Nobody}, ", FolderWay.FindProblem(In("share/his/data"), make: true, shared: false), StringComparison.Ordinal);
        Assert.StartsWith($"{In("share/link")} is a link of user {LinkSetter.Nobody}, ", FolderWay.FindProblem(In("share/link"), make: true, shared: false), StringComparison.Ordinal);
    }

    [Fact]
    public void The_refusal_names_the_setting()
    {
        var open = Make("open", Open);
        var good = new ServerOptions { DataFolder = In("data"), ImageFolder = In("images"), Hypervisor = HypervisorKind.VirtualBox, VirtualBox = new VirtualBoxOptions { MachineFolder = In("machines") } };
        FolderWay.Check(good);

        AssertRefused("dataFolder", good with { DataFolder = open });
        AssertRefused("imageFolder", good with { ImageFolder = open });
        AssertRefused("virtualBox.machineFolder", good with { VirtualBox = new VirtualBoxOptions { MachineFolder = open } });
        AssertRefused("virtualBox.secretFolder", good with { VirtualBox = new VirtualBoxOptions { MachineFolder = In("machines"), SecretFolder = open } });
        AssertRefused("qemu.folder", good with { Hypervisor = HypervisorKind.Qemu, Qemu = new QemuOptions { Folder = open } });
    }

    [Fact(Timeout = Patience)]
    public async Task The_program_does_not_start_and_writes_nothing_there()
    {
        var open = Make("open", Open);
        File.WriteAllText(In("cert.pem"), "");
        File.WriteAllText(In("server.json"), new JsonObject { ["certFile"] = In("cert.pem"), ["keyFile"] = In("cert.pem"), ["dataFolder"] = open, ["hypervisor"] = "simulated" }.ToJsonString());

        using var program = ProductProgram.Start("virtualbox-server", new Dictionary<string, string>(), "--config", In("server.json"));

        Assert.Equal(2, await program.ExitAsync());
        Assert.Contains($"- dataFolder: {open} has mode 0777", program.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(open));
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private static void AssertRefused(string key, ServerOptions options) =>
        Assert.StartsWith($"{key}: ", Assert.Throws<DataFolderException>(() => FolderWay.Check(options)).Message, StringComparison.Ordinal);

    private static async Task GiveAsync(string path)
    {
        using var chown = Process.Start("chown", ["-h", $"{LinkSetter.Nobody}", path]);
        await chown.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, chown.ExitCode);
    }

    private string In(string path) => Path.Combine(_root, path);

    private string Make(string path, int mode)
    {
        Directory.CreateDirectory(In(path));
        File.SetUnixFileMode(In(path), (UnixFileMode)mode);
        return In(path);
    }
}
