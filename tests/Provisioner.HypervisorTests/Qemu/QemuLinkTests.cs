using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>
/// Another user puts links where machines and files with secrets are made and removed, a hundred times and more (threat T10). Their folders lie
/// where all may write, as in /tmp, and are such as the server takes: its user's own.
/// </summary>
public sealed class QemuLinkTests : QemuFacts
{
    private const int Times = 100;
    private const UnixFileMode Readable = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Shared = UnixFileMode.StickyBit | (UnixFileMode)0b111_111_111;

    private const string PutLinks = """
        for target in "$2" "$2/empty" "$2/disk.qcow2" "$2/missing"; do
          for place in vbdp-race vbdp-race/disk.qcow2 vbdp-race/vm.json vbdp-race/vm.json.new; do
            try ln -sfn "$target" "$1/$place"
          done
          try mv -T "$1" "$1.aside"
          try ln -sfnT "$target" "$1"
        done
        """;

    [Fact(Timeout = Patience)]
    public async Task Clones_are_made_and_removed_in_their_folder_and_nowhere_else()
    {
        using var bait = new Bait();
        Rig.Options.Folder = Directory.CreateDirectory(Path.Combine(Share(), "machines"), Readable).FullName;
        var hypervisor = Open();
        await AssertHeCanWhereAllMayWriteAsync(bait);
        await using var other = LinkSetter.Start(PutLinks, Rig.Options.Folder, bait.Folder);

        for (var round = 0; round < Times || other.Tries < Times; round++)
        {
            var id = await CloneAsync(hypervisor, "race");
            Assert.Null(new FileInfo(Path.Combine(Rig.Options.Folder, "vbdp-race", "disk.qcow2")).LinkTarget);
            await hypervisor.EnsureGoneAsync(id, Token);
        }

        Assert.Equal(0, other.Successes);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Rig.Options.Folder));
        bait.AssertUntouched();
    }

    [Fact(Timeout = Patience)]
    public async Task Files_with_secrets_stay_what_they_are_where_all_may_write()
    {
        using var bait = new Bait();
        var folder = Share();
        await using var other = LinkSetter.Start("""
            for target in "$2" "$2/disk.qcow2" "$2/missing"; do
              for place in "$1"/vbdp-arguments-*; do try ln -sfnT "$target" "$place"; done
              try ln -sfnT "$target" "$1/vbdp-arguments-old"
              rm -f "$1"/vbdp-arguments-* 2>/dev/null
            done
            """, folder, bait.Folder);

        for (var round = 0; round < Times || other.Tries < Times; round++)
        {
            using var secret = await SecretFile.WriteAsync(folder, ["guestproperty", "set"], Token);
            Assert.Null(new FileInfo(secret.Path).LinkTarget);
            Assert.Equal("'guestproperty' 'set'", await File.ReadAllTextAsync(secret.Path, Token));
            SecretFile.Sweep(folder, DateTimeOffset.MaxValue, TimeSpan.Zero); // his links, too
        }

        bait.AssertUntouched();
    }

    // Or the zero of the other test would prove nothing.
    private async Task AssertHeCanWhereAllMayWriteAsync(Bait bait)
    {
        var open = Directory.CreateDirectory(Path.Combine(Share(), "open")).FullName;
        File.SetUnixFileMode(open, Shared & ~UnixFileMode.StickyBit);
        await using var other = LinkSetter.Start(PutLinks, open, bait.Folder);
        await other.TryAsync(Times, Token);

        Assert.NotEqual(0, other.Successes);
    }

    private string Share()
    {
        // Below the rig's folder, which others may then enter.
        File.SetUnixFileMode(Rig.Folder, Readable);
        var share = Directory.CreateDirectory(Path.Combine(Rig.Folder, Guid.NewGuid().ToString("n"))).FullName;
        File.SetUnixFileMode(share, Shared);
        return share;
    }
}
