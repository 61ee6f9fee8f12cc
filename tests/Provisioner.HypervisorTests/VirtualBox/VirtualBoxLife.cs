using Provisioner.Hypervisors;

namespace Provisioner.HypervisorTests.VirtualBox;

/// <summary>A whole life on VirtualBox, with a program in VBoxManage's place that can start machines.</summary>
public sealed class VirtualBoxLife : IDisposable
{
    private const int Patience = 60_000;
    private const string Canary = "eyJjYW5hcnkiOiJKSVQifQ==";

    private readonly FakeVirtualBox box = new();
    private readonly VmId id = VmId.Parse("a1");
    private readonly GuestConfiguration secret = new(string.Concat(Enumerable.Repeat(Canary, 180)));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact(Timeout = Patience)]
    public async Task What_VBoxManage_is_told_in_a_whole_life_is_known()
    {
        await LiveAsync();

        var golden = Path.Combine(AppContext.BaseDirectory, "VirtualBox", "life.golden.txt");
        var changes = box.Changes(id);
        await File.WriteAllTextAsync(Path.Combine(AppContext.BaseDirectory, "life.actual.txt"), changes, Token);
        Assert.Equal(await File.ReadAllTextAsync(golden, Token), changes);
    }

    [Fact(Timeout = Patience)]
    public async Task Once_an_image_is_known_a_machine_is_made_with_three_calls_and_removed_with_one()
    {
        await using var hypervisor = box.OpenPatiently();
        await hypervisor.EnsureClonedAsync(Specify() with { Id = VmId.Parse("first") }, Token);
        var before = box.Calls.Length;

        await hypervisor.EnsureClonedAsync(Specify(), Token);
        await hypervisor.EnsureGoneAsync(id, Token);

        var verbs = box.Calls[before..].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(call => call.Split(' ')[0]);
        Assert.Equal(["clonevm", "registervm", "modifyvm", "unregistervm"], verbs);
    }

    [Fact(Timeout = Patience)]
    public async Task Only_what_configures_devices_is_inherited()
    {
        await using var hypervisor = box.Open();
        await hypervisor.EnsureClonedAsync(Specify(), Token);

        var settings = await File.ReadAllTextAsync(Path.Combine(box.Options.MachineFolder, "vbdp-a1", "vbdp-a1.vbox"), Token);
        Assert.Contains("VBoxInternal/TM/WarpDrivePercentage", settings, StringComparison.Ordinal);
        Assert.All((string[])["GUI/", "<Forwarding", "SharedFolder", "/VBDP/Phase"], text => Assert.DoesNotContain(text, settings, StringComparison.Ordinal));
    }

    [Fact(Timeout = Patience)]
    public async Task The_configuration_reaches_the_guest_in_pieces_and_no_argument_list_and_no_file()
    {
        await LiveAsync();

        Assert.DoesNotContain(Canary[..12], box.Calls, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(box.Options.SecretFolder));
        Assert.All(box.Lines("modes"), mode => Assert.Equal("600", mode));
        Assert.All(
            box.Lines("set").Where(set => set.StartsWith("/VBDP/Config/", StringComparison.Ordinal)),
            set => Assert.EndsWith(" TRANSIENT,RDONLYGUEST", set, StringComparison.Ordinal));
    }

    [Fact(Timeout = Patience)]
    public async Task Nothing_that_an_earlier_guest_said_is_taken_for_this_ones()
    {
        await using var hypervisor = box.Open();
        await hypervisor.EnsureClonedAsync(Specify(), Token);

        Assert.Null(box.Property(id, "/VBDP/Phase"));
        Assert.Equal("a1", box.Property(id, "label"));
        Assert.Equal("acme", box.Property(id, "owner"));
        Assert.Equal("widgets", box.Property(id, "repo"));
        Assert.Equal("a1", box.Property(id, "/VBDP/Id"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_restarted_driver_hears_the_last_report_and_withdraws_what_the_guest_has_read()
    {
        await using (var first = box.Open())
        {
            await StartAsync(first);
            await first.ConfigureAsync(id, secret, Token);
        }

        box.Report(id, "online");
        await using var second = box.Open();
        await using var watch = second.WatchAsync(Token).GetAsyncEnumerator(Token);
        await HearAsync(watch, GuestPhase.Online);

        Assert.Null(box.Property(id, "/VBDP/Config/Count"));
        Assert.Null(box.Property(id, "/VBDP/Config/0"));
    }

    [Fact(Timeout = Patience)]
    public async Task Many_quick_reports_end_with_the_last()
    {
        await using var hypervisor = box.Open();
        await using var watch = hypervisor.WatchAsync(Token).GetAsyncEnumerator(Token);
        await StartAsync(hypervisor);

        foreach (var phase in (string[])["ready", "configuring", "online", "busy", "failed: out, of: luck"])
        {
            box.Report(id, phase);
        }

        Assert.Equal("out, of: luck", (await HearAsync(watch, GuestPhase.Failed)).Detail);
    }

    [Fact(Timeout = Patience)]
    public async Task A_guest_that_ignores_the_power_button_is_switched_off()
    {
        await using var hypervisor = box.Open();
        await StartAsync(hypervisor);
        box.IgnorePowerButton();

        await hypervisor.EnsureStoppedAsync(id, TimeSpan.FromMilliseconds(100), Token);

        Assert.Equal([new SeenVm(id, VmPower.Off)], await hypervisor.ListAsync(Token));
    }

    public void Dispose() => box.Dispose();

    private async Task LiveAsync()
    {
        await using var hypervisor = box.Open();
        await using var watch = hypervisor.WatchAsync(Token).GetAsyncEnumerator(Token);
        await StartAsync(hypervisor);
        box.Report(id, "ready");
        await HearAsync(watch, GuestPhase.Ready);
        await hypervisor.ConfigureAsync(id, secret, Token);
        Assert.Equal(secret.EncodedJitConfig, Configuration());
        box.Report(id, "configuring");
        await HearAsync(watch, GuestPhase.Configuring);
        Assert.Null(box.Property(id, "/VBDP/Config/Count"));
        box.Report(id, "done");
        await HearAsync(watch, GuestPhase.Done);
        box.PowerOff(id);
        await HearPowerAsync(watch);
        await hypervisor.EnsureGoneAsync(id, Token);
        Assert.Empty(await hypervisor.ListAsync(Token));
    }

    private VmSpecification Specify() => new()
    {
        Id = id, Image = new BaseImage("base", "clean"), Cpus = 2, MemoryMegabytes = 2048, Label = "a1", Owner = "acme", Repository = "widgets",
    };

    private async Task StartAsync(IHypervisor hypervisor)
    {
        await hypervisor.EnsureClonedAsync(Specify(), Token);
        await hypervisor.EnsureStartedAsync(id, Token);
    }

    // As the guest reads it.
    private string Configuration() => string.Concat(Enumerable
        .Range(0, int.Parse(box.Property(id, "/VBDP/Config/Count")!, System.Globalization.CultureInfo.InvariantCulture))
        .Select(n => box.Property(id, $"/VBDP/Config/{n}")));

    private static async Task<GuestReport> HearAsync(IAsyncEnumerator<VmObservation> watch, GuestPhase phase)
    {
        while (await watch.MoveNextAsync())
        {
            if (watch.Current.Report is { } report && report.Phase == phase)
            {
                return report;
            }
        }

        throw new InvalidOperationException($"The watch ended before {phase}.");
    }

    private static async Task HearPowerAsync(IAsyncEnumerator<VmObservation> watch)
    {
        while (await watch.MoveNextAsync() && watch.Current.Report is not null)
        {
        }
    }
}
