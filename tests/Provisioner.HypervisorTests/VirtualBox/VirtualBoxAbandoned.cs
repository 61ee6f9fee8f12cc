using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>Folders that have the name of ours, although no machine of this VirtualBox lives in them.</summary>
public sealed class VirtualBoxAbandoned : IDisposable
{
    private const int Patience = 60_000;

    private readonly FakeVirtualBox box = new();
    private readonly VmId id = VmId.Parse("one");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Folder => Path.Combine(box.Options.MachineFolder, "vbdp-one");

    public void Dispose() => box.Dispose();

    [Theory(Timeout = Patience)]
    [InlineData("thesis.txt")]
    [InlineData("Snapshots/thesis.txt")]
    [InlineData("Logs/thesis.txt")]
    [InlineData("Pictures/VBox.vdi")]
    [InlineData("Snapshots/old/half.vdi")]
    public async Task A_folder_with_a_persons_file_stays_and_is_named_with_the_remedy(string file)
    {
        Write(file);
        await using var hypervisor = box.Open();

        var kept = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureGoneAsync(id, Token));
        var refused = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureClonedAsync(Specify(), Token));

        Assert.True(File.Exists(Path.Combine(Folder, file)));
        Assert.Contains(Folder, kept.Message, StringComparison.Ordinal);
        Assert.Contains("delete it", kept.Message, StringComparison.Ordinal);
        Assert.Equal(kept.Message, refused.Message);
    }

    [Fact(Timeout = Patience)]
    public async Task A_folder_whose_disk_a_process_uses_stays_until_it_does_not()
    {
        Write("Snapshots/{a}.vdi");
        await using var hypervisor = box.Open();
        HypervisorException kept;
        await using (File.OpenRead(Path.Combine(Folder, "Snapshots/{a}.vdi")))
        {
            kept = await Assert.ThrowsAsync<HypervisorException>(() => hypervisor.EnsureGoneAsync(id, Token));
        }

        Assert.Contains($"process {Environment.ProcessId} ", kept.Message, StringComparison.Ordinal);
        await hypervisor.EnsureGoneAsync(id, Token);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact(Timeout = Patience)]
    public async Task What_VirtualBox_makes_is_removed()
    {
        string[] made = ["vbdp-one.vbox", "vbdp-one.vbox-prev", "vbdp-one.vbox-tmp", "disk.vdi", "vbdp-one.nvram", "Snapshots/{a}.vmdk", "Snapshots/a.sav", "Logs/VBox.log.1", "Logs/VBox.png"];
        made.ToList().ForEach(Write);
        await using var hypervisor = box.Open();

        await hypervisor.EnsureGoneAsync(id, Token);

        Assert.False(Directory.Exists(Folder));
    }

    [Fact(Timeout = Patience)]
    public async Task A_folder_that_stays_does_not_keep_the_next_from_being_swept()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        Write("thesis.txt");
        Directory.CreateDirectory(Path.Combine(box.Options.MachineFolder, "vbdp-two"));
        await using var hypervisor = new VirtualBoxHypervisor(box.Options, time, NullLogger<VirtualBoxHypervisor>.Instance);

        await hypervisor.ListAsync(Token);
        time.Advance(TimeSpan.FromMinutes(2));
        await hypervisor.ListAsync(Token);

        Assert.Equal([Folder], Directory.EnumerateDirectories(box.Options.MachineFolder));
    }

    [Fact(Timeout = Patience)]
    public async Task Disks_that_could_not_be_swept_are_swept_with_the_next_listing()
    {
        box.Script($"[ \"$1\" != list ] || [ \"$2\" != hdds ] || [ -e \"$VBOX_USER_HOME/once\" ] || {{ touch \"$VBOX_USER_HOME/once\"; echo 'VBoxManage: error: no' >&2; exit 1; }}; exec '{FakeVirtualBox.Program}' \"$@\"");
        await using var hypervisor = box.OpenPatiently();

        await hypervisor.ListAsync(Token);
        await hypervisor.ListAsync(Token);
        await hypervisor.ListAsync(Token);

        // The failed call did not reach the program's own record.
        Assert.Single(box.Calls.Split('\n'), call => call.Trim() == "list hdds");
    }

    [Fact(Timeout = Patience)]
    public async Task A_listing_asks_for_all_machines_once()
    {
        await using var hypervisor = box.OpenPatiently();

        await hypervisor.ListAsync(Token);

        Assert.Single(box.Calls.Split('\n'), call => call.Trim() == "list vms");
    }

    [Fact(Timeout = Patience)]
    public async Task A_secret_that_a_killed_server_left_is_swept_once_it_is_old_also_without_a_restart()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var hypervisor = new VirtualBoxHypervisor(box.Options, time, NullLogger<VirtualBoxHypervisor>.Instance);
        var secret = Path.Combine(box.Options.SecretFolder, "vbdp-arguments-1");
        await File.WriteAllTextAsync(secret, "", Token);
        File.SetLastWriteTimeUtc(secret, DateTime.UnixEpoch);

        await hypervisor.ListAsync(Token);
        var young = File.Exists(secret);
        time.Advance(3 * box.Options.Deadline);
        await hypervisor.ListAsync(Token);

        Assert.True(young);
        Assert.False(File.Exists(secret));
    }

    [Fact(Timeout = Patience)]
    public async Task A_missing_folder_for_secrets_is_a_sentence()
    {
        box.Options.SecretFolder = "/nowhere/secrets";

        await using var hypervisor = box.Open();

        Assert.Contains("/nowhere/secrets", Assert.Single(box.Options.FindProblems()), StringComparison.Ordinal);
    }

    private void Write(string file)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "kept");
    }

    private static VmSpecification Specify() => new()
    {
        Id = VmId.Parse("one"), Image = new BaseImage("base"), Label = "one", Owner = "acme", Repository = "widgets",
    };
}
