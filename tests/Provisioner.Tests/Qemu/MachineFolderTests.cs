using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.Tests.Qemu;

public sealed class MachineFolderTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("vbdp-folders-").FullName;

    [Fact]
    public void A_folder_with_our_mark_is_a_machine()
    {
        var folder = Make("one");
        folder.Save(Saved());

        Assert.Equal(FolderKind.Machine, folder.Look());
        Assert.Equal(Saved(), folder.Load());
    }

    [Fact]
    public void A_folder_without_the_mark_is_a_leftover_if_it_holds_only_what_we_make()
    {
        var folder = Make("one", "disk.qcow2", "seed.iso", "vm.json.new", "qmp.sock");

        Assert.Equal(FolderKind.Leftover, folder.Look());
    }

    [Theory]
    [InlineData("thesis.txt")]
    [InlineData("disk.qcow2.bak")]
    [InlineData(".hidden")]
    public void A_folder_with_anything_else_and_no_mark_is_somebody_elses(string file) =>
        Assert.Equal(FolderKind.Foreign, Make("one", "disk.qcow2", file).Look());

    [Fact]
    public void A_folder_inside_makes_it_somebody_elses()
    {
        var folder = Make("one");
        Directory.CreateDirectory(folder.File("disk.qcow2"));

        Assert.Equal(FolderKind.Foreign, folder.Look());
    }

    [Fact]
    public void A_mark_of_another_program_is_somebody_elses()
    {
        var folder = Make("one");
        folder.Save(Saved() with { Mark = "other/1" });

        Assert.Equal(FolderKind.Foreign, folder.Look());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[1]")]
    public void A_mark_that_cannot_be_read_is_a_broken_machine(string json)
    {
        var folder = Make("one");
        File.WriteAllText(folder.File("vm.json"), json);

        Assert.Equal(FolderKind.Broken, folder.Look());
    }

    [Fact]
    public void A_machine_keeps_its_disk_and_its_seed_from_one_run_to_the_next()
    {
        var folder = Make("one", "disk.qcow2", "seed.iso", "pid", "report", "qmp.sock");
        folder.Save(Saved());
        folder.ForgetLastRun();

        Assert.Equal(["disk.qcow2", "seed.iso", "vm.json"], Directory.EnumerateFiles(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Folders_are_found_by_name_and_links_are_not_followed()
    {
        Make("one");
        Make("two");
        Directory.CreateDirectory(Path.Combine(root, "vbdp-NOT-an-id"));
        Directory.CreateDirectory(Path.Combine(root, "other"));
        Directory.CreateSymbolicLink(Path.Combine(root, "vbdp-link"), "/etc");

        Assert.Equal(["one", "two"], MachineFolder.All(root).Select(folder => folder.Id.Value).Order());
        Assert.Empty(MachineFolder.All(Path.Combine(root, "nowhere")));
    }

    [Fact]
    public void Reports_survive_the_server()
    {
        var folder = Make("one");
        folder.SaveReport(new GuestReport(GuestPhase.Failed, "no: network"));

        Assert.Equal(new GuestReport(GuestPhase.Failed, "no: network"), folder.LoadReport());
    }

    [Fact]
    public void Only_the_servers_user_may_read_what_is_written()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        var folder = new MachineFolder(root, VmId.Parse("private"));
        PrivateFiles.CreateFolder(folder.Path);
        folder.Save(Saved());

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder.File("vm.json")));
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private static SavedMachine Saved() => new() { Mark = SavedMachine.OurMark, Image = "/i", Cpus = 2, Label = "l", Owner = "o", Repository = "r" };

    private MachineFolder Make(string id, params string[] files)
    {
        var folder = new MachineFolder(root, VmId.Parse(id));
        Directory.CreateDirectory(folder.Path);
        foreach (var file in files)
        {
            File.WriteAllText(folder.File(file), "");
        }

        return folder;
    }
}
