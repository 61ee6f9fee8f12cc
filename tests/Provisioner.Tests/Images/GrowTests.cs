namespace Provisioner.Tests.Images;

/// <summary><c>grow.sh</c> on a /sys made of files, with programs that write down how they were called.</summary>
public sealed class GrowTests : IDisposable
{
    private const int Patience = 60_000;
    private const long Image = 8_388_608; // sectors of 512 bytes: 4 GiB

    private readonly string _folder = Directory.CreateTempSubdirectory("grow-").FullName;

    public GrowTests()
    {
        Directory.CreateDirectory(InFolder("bin"));
        // No other programs than it needs: this machine's own growpart must not be found.
        foreach (var name in (string[])["awk", "readlink", "timeout", "sh"])
        {
            File.CreateSymbolicLink(InFolder($"bin/{name}"), Path.Combine(File.Exists($"/usr/bin/{name}") ? "/usr/bin" : "/bin", name));
        }

        foreach (var name in (string[])["growpart", "resize2fs", "xfs_growfs"])
        {
            Put(name, "");
        }
    }

    public static TheoryData<string> Shells { get; } = new("sh", "bash", "busybox sh");

    [Theory(Timeout = Patience)]
    [MemberData(nameof(Shells))]
    public async Task A_larger_disk_is_given_to_the_root_partition_and_then_to_its_file_system(string shell)
    {
        var grown = await GrowAsync(Image + 65_536 + 2_048, "ext4", shell: shell);

        Assert.Equal(new Shell(0, ""), grown);
        Assert.Equal(["growpart /dev/sda 1", "resize2fs /dev/sda1"], Calls());
    }

    [Fact(Timeout = Patience)]
    public async Task Each_file_system_has_its_own_program()
    {
        await GrowAsync(2 * Image, "xfs", disk: "nvme0n1", partition: "nvme0n1p4", number: 4);

        Assert.Equal(["growpart /dev/nvme0n1 4", "xfs_growfs /"], Calls());
    }

    [Theory(Timeout = Patience)]
    [InlineData(Image + 2_048, "8:1")]
    [InlineData(Image + 67_583, "8:1")] // 32 MiB, but for a sector
    public async Task Where_there_is_nothing_to_gain_nothing_is_called(long sectors, string number)
    {
        var grown = await GrowAsync(sectors, "ext4", root: number);

        Assert.Equal(new Shell(0, ""), grown);
        Assert.Empty(Calls());
    }

    [Theory(Timeout = Patience)]
    [InlineData("overlay", "0:25")]
    [InlineData("ext4", "253:0")]
    public async Task A_root_on_no_partition_is_left_alone(string type, string number)
    {
        Assert.Equal(new Shell(0, ""), await GrowAsync(2 * Image, type, root: number));
        Assert.Empty(Calls());
    }

    [Theory(Timeout = Patience)]
    [InlineData("growpart", "exit 1", "4095 MiB of the disk are not used: growpart could not give them to the root partition", 1)]
    [InlineData("resize2fs", "exit 1", "its file system could not be made so", 2)]
    [InlineData("growpart", null, "there is no growpart in this image", 0)]
    public async Task What_cannot_be_done_is_said_and_the_guest_goes_on(string program, string? behaviour, string told, int calls)
    {
        File.Delete(InFolder($"bin/{program}"));
        if (behaviour is not null)
        {
            Put(program, behaviour);
        }

        var grown = await GrowAsync(2 * Image, "ext4");

        Assert.Equal(0, grown.ExitCode);
        Assert.Contains(told, grown.Output, StringComparison.Ordinal);
        Assert.Equal(calls, Calls().Length);
    }

    [Fact(Timeout = Patience)]
    public async Task A_file_system_that_it_does_not_know_is_named()
    {
        var grown = await GrowAsync(2 * Image, "jfs");

        Assert.Contains("jfs is not known here", grown.Output, StringComparison.Ordinal);
        Assert.Equal(["growpart /dev/sda 1"], Calls());
    }

    [Fact]
    public void The_service_runs_it_before_the_guest_says_that_it_is_ready() => Assert.Contains(
        "ExecStartPre=-/opt/gha/grow.sh\n# The host knows how long a guest may be silent (its vms.bootTimeout), and ends it then.\nTimeoutStartSec=infinity\nExecStart=/opt/gha/configure.sh\n", File.ReadAllText(Repository.File("images/linux/gha.service")), StringComparison.Ordinal);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string InFolder(string name) => Path.Combine(_folder, name);

    private void Put(string name, string behaviour) => GuestFolder.WriteProgram(InFolder($"bin/{name}"), $"echo {name} \"$@\" >>{InFolder("calls")}\n{behaviour}");

    private string[] Calls() => File.Exists(InFolder("calls")) ? File.ReadAllLines(InFolder("calls")) : [];

    /// <summary>A disk with its root on one partition that begins at the first MiB and is as large as its image.</summary>
    private async Task<Shell> GrowAsync(long sectors, string type, string root = "8:1", string disk = "sda", string partition = "sda1", int number = 1, string shell = "sh")
    {
        var words = shell.Split(' ');
        Shell.RequireProgram(words[0]);
        var place = Directory.CreateDirectory(InFolder($"sys/block/{disk}/{partition}")).FullName;
        Directory.CreateDirectory(InFolder("sys/dev/block"));
        File.CreateSymbolicLink(InFolder("sys/dev/block/8:1"), place);
        File.WriteAllText(InFolder($"sys/block/{disk}/size"), $"{sectors}\n");
        foreach (var (file, value) in new[] { ("start", 2048L), ("size", Image), ("partition", number) })
        {
            File.WriteAllText(Path.Combine(place, file), $"{value}\n");
        }

        File.WriteAllText(InFolder("mounts"), $"22 1 0:5 / /dev rw - devtmpfs udev rw\n23 1 0:1 / / rw - rootfs rootfs rw\n24 1 {root} / / rw,relatime shared:1 - {type} /dev/root rw\n25 24 0:9 / /tmp rw - tmpfs tmpfs rw\n");
        var settings = new Dictionary<string, string> { ["PATH"] = InFolder("bin"), ["VBDP_SYS"] = InFolder("sys"), ["VBDP_MOUNTS"] = InFolder("mounts") };
        var program = ((string[])["/usr/bin", "/bin"]).Select(folder => Path.Combine(folder, words[0])).First(File.Exists);
        return await Shell.RunAsync(program, [.. words[1..], Repository.File("images/linux/grow.sh")], settings);
    }
}
