using System.Diagnostics;
using Provisioner.HypervisorTests;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using SimulatedOptions = Provisioner.Hypervisors.Simulated.SimulatedOptions;

namespace Provisioner.Tests.Store;

/// <summary>
/// A server makes its folders in a place like /tmp, a hundred times, while another user puts folders and links in their place (threat T10): it starts
/// in folders of its own, or it does not start. Behind the links nothing is made, changed or removed.
/// </summary>
public sealed class LinkRaceTests : IDisposable
{
    private const int Times = 100;

    private const string PutLinks = """
        for target in "$2" "$2/empty" "$2/missing"; do
          try ln -sT "$target" "$1/server"
          rm -f "$1/server" 2>/dev/null
          try mkdir "$1/server"
          try ln -sT "$target" "$1/server/data"
          try ln -sT "$target" "$1/server/machines"
          rm -rf "$1/server" 2>/dev/null
          try mv -T "$1/server" "$1/aside"
        done
        """;

    private readonly string _share = Directory.CreateTempSubdirectory("share").FullName;

    public LinkRaceTests()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_share, UnixFileMode.StickyBit | (UnixFileMode)0b111_111_111);
        }
    }

    private string Server => Path.Combine(_share, "server");

    private ServerOptions Options => new()
    {
        DataFolder = Path.Combine(Server, "data"),
        ImageFolder = Path.Combine(Server, "images"),
        Hypervisor = HypervisorKind.Simulated,
        Simulated = new SimulatedOptions { Folder = Path.Combine(Server, "machines") },
    };

    [Fact(Timeout = 300_000)]
    public async Task It_starts_in_folders_of_its_own_or_not_at_all()
    {
        using var bait = new Bait();
        await using var other = LinkSetter.Start(PutLinks, _share, bait.Folder);
        var (started, refused) = (0, 0);
        while (started + refused < Times || started == 0 || refused == 0 || other.Tries < Times)
        {
            if (Starts())
            {
                started++;
                // Safe now, in a folder that only its owner can rename.
                await RemoveAsync();
            }
            else
            {
                refused++;
                await other.TryAsync(1, TestContext.Current.CancellationToken);
            }

            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        TestContext.Current.SendDiagnosticMessage($"started {started}, refused {refused}, tries of the other {other.Tries}, of which {other.Successes} went well");
        Assert.NotEqual(0, other.Successes);
        bait.AssertUntouched();
    }

    public void Dispose() => Directory.Delete(_share, recursive: true);

    private bool Starts()
    {
        try
        {
            FolderWay.Check(Options);
            using var held = DataFolder.Lock(Options);
            MachineFolder.Claim(Options);
        }
        catch (DataFolderException)
        {
            return false;
        }

        foreach (var folder in new[] { Server, Options.DataFolder, Options.Simulated.Folder! })
        {
            Assert.Equal((FileFacts.User, false), (FileFacts.Of(folder)?.Owner, FileFacts.Of(folder)?.IsLink));
        }

        return true;
    }

    private async Task RemoveAsync()
    {
        using var remove = Process.Start("rm", ["-rf", Server]);
        await remove.WaitForExitAsync(TestContext.Current.CancellationToken);
    }
}
