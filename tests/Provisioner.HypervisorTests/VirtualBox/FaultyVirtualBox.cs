using System.Security.Cryptography;
using System.Xml.Linq;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.VirtualBox;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>
/// A real VirtualBox whose VBoxManage goes wrong when it is told to (see faulty-VBoxManage), with a machine of ours that seems to run,
/// and with machines of others.
/// </summary>
internal sealed class FaultyVirtualBox(VirtualBoxLab lab) : IAsyncDisposable
{
    private static readonly TimeSpan WritingPatience = TimeSpan.FromSeconds(30);
    private static readonly string[] Others = ["their clone", "vbdp-theirs"];

    private string theirs = "";

    public static VmId Kept { get; } = VmId.Parse("kept");

    public VirtualBoxLab Lab => lab;

    public string KeptUuid => lab.UuidOf(Kept.Value);

    /// <summary>Whether the call that was to go wrong was made.</summary>
    public bool Struck => File.Exists(PathOf("struck"));

    public string[] Calls => File.Exists(PathOf("calls")) ? File.ReadAllLines(PathOf("calls")) : [];

    public static async Task<FaultyVirtualBox> OpenAsync()
    {
        var box = new FaultyVirtualBox(await VirtualBoxLab.OpenAsync());
        var options = box.Lab.Options;
        await box.Lab.MakeImageAsync("base");
        await box.Lab.CloneAsync("base", Others[0]);
        await box.Lab.RunAsync("createvm", "--name", Others[1], "--ostype", "Debian_64", "--basefolder", Path.Combine(box.Lab.Folder, "bare"), "--register");
        await File.WriteAllTextAsync(box.PathOf("real"), box.Lab.Program);
        await File.WriteAllTextAsync(box.PathOf("driver"), "");
        options.Program = Path.Combine(AppContext.BaseDirectory, "VirtualBox", "faulty-VBoxManage");
        options.KernelDriver = box.PathOf("driver");
        options.WaitRenewal = TimeSpan.FromSeconds(2);
        options.UnlockPatience = TimeSpan.FromSeconds(5);
        await using var hypervisor = box.Lab.Open();
        await hypervisor.EnsureClonedAsync(box.Lab.Specify(Kept.Value), CancellationToken.None);
        await hypervisor.EnsureStartedAsync(Kept, CancellationToken.None);
        box.theirs = box.Fingerprint();
        return box;
    }

    /// <summary>Has the first call of this verb go wrong.</summary>
    public void Arm(string verb, string fault, TimeSpan deadline)
    {
        File.Delete(PathOf("calls"));
        File.WriteAllText(PathOf("fault"), $"{verb}|1|{fault}\n");
        lab.Options.Deadline = lab.Options.StartDeadline = deadline;
        lab.Options.SwitchOffPatience = TimeSpan.FromSeconds(fault is "hang" or "endless" ? 1 : 2);
    }

    public void Disarm()
    {
        File.Delete(PathOf("fault"));
        File.Delete(PathOf("struck"));
        if (Directory.Exists(PathOf("counted")))
        {
            Directory.Delete(PathOf("counted"), recursive: true);
        }

        lab.Options.Deadline = lab.Options.StartDeadline = lab.Options.SwitchOffPatience = TimeSpan.FromSeconds(60);
    }

    /// <summary>Removes what a round that failed has left, so that others need not fail: VirtualBox's service may hang.</summary>
    public async Task CleanAsync()
    {
        Disarm();
        TurnOff(KeptUuid);
        await lab.RestartServiceAsync(() => { });
        await using var driver = lab.Open();
        await driver.EnsureGoneAsync(VmId.Parse("one"), CancellationToken.None);
    }

    /// <summary>Ends a machine's process, as its guest would.</summary>
    public static void TurnOff(string uuid)
    {
        while (Find(uuid) is not null)
        {
            HeadlessProcess.TryKill(uuid);
            Thread.Yield();
        }
    }

    /// <summary>The process that stands for a machine.</summary>
    public static int? Find(string uuid) => HeadlessProcess.Find(uuid);

    /// <summary>
    /// What VirtualBox has in its registry and on the disk beside the machine of ours: nothing may change in it. It may still be writing
    /// what a call has done already: for a moment there is no registry then, or the one before.
    /// </summary>
    public async Task AssertNothingIsLeftAsync()
    {
        using var patience = new CancellationTokenSource(WritingPatience);
        while (!patience.IsCancellationRequested && theirs != Fingerprint())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Equal(["vbdp-kept"], Directory.EnumerateFileSystemEntries(lab.Options.MachineFolder).Select(Path.GetFileName));
        Assert.Equal(theirs, Fingerprint());
        Assert.Empty(Directory.EnumerateFiles(lab.Options.SecretFolder));
    }

    public async ValueTask DisposeAsync()
    {
        TurnOff(KeptUuid);
        await lab.RestartServiceAsync(() => { });
        await lab.DisposeAsync();
    }

    private string PathOf(string file) => Path.Combine(lab.Options.UserHome!, file);

    private string Fingerprint()
    {
        var files = Directory.EnumerateFiles(Path.Combine(lab.Folder, "bare"), "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)))}");
        var registry = XDocument.Parse(ReadRegistry()).Descendants().Where(element => element.Name.LocalName is "MachineEntry" or "HardDisk");
        return string.Join('\n', [.. files, .. registry.Select(entry => entry.ToString()).Order(StringComparer.Ordinal)]);
    }

    // Its writer puts another in its place.
    private string ReadRegistry()
    {
        try
        {
            return File.ReadAllText(PathOf("VirtualBox.xml"));
        }
        catch (FileNotFoundException)
        {
            return "<none/>";
        }
    }
}
