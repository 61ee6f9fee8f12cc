using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Images;

/// <summary>Images whose clones get at boot what is missing in them, or too old.</summary>
public sealed class SeededImageTests : IDisposable
{
    private static readonly DateTimeOffset Built = new(2026, 10, 1, 9, 0, 0, TimeSpan.Zero);

    private static readonly string[] Names = ["setup-arguments", "runner"];

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("seeded-");
    private readonly ReleasePage _page = new();
    private readonly FakeTimeProvider _time = new(Built);
    private readonly FakeLogCollector _logs = new();
    private readonly ServerOptions _options;
    private readonly ImageCatalog _catalog;

    public SeededImageTests()
    {
        _options = new ServerOptions
        {
            Hypervisor = HypervisorKind.Qemu,
            DataFolder = _root.FullName,
            ImageFolder = Path.Combine(_root.FullName, "images"),
            Runner = new() { Releases = _page.Address },
            Images = new()
            {
                ["plain"] = new ImageOptions { Source = "debian" },
                ["scripts"] = new ImageOptions { Source = "debian", Seed = ImageSeed.Scripts },
                ["runner"] = new ImageOptions { Source = "debian", Seed = ImageSeed.Runner },
                ["early"] = new ImageOptions { Source = "early", Seed = ImageSeed.Runner },
                ["cloud"] = new ImageOptions { Source = "/srv/cloud.qcow2", Seed = ImageSeed.Runner, Setup = ["--sudo"] },
            },
        };
        var folder = new ImageFolder(_options.ImageFolder);
        Directory.CreateDirectory(folder.FolderOf("debian", "1"));
        Directory.CreateDirectory(folder.FolderOf("early", "1"));
        folder.Add("early", ImageFolderTests.Manifest("1") with { Built = Built, RunnerReleased = Built, Source = "disk.qcow2" }, Built);
        folder.Add("debian", ImageFolderTests.Manifest("1") with { Built = Built, RunnerReleased = Built, RunnerVersion = "2.330.0", Source = "disk.qcow2", KnowsSeeds = true }, Built);
        _catalog = Catalog();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _page.Dispose();
        _root.Delete(recursive: true);
    }

    [Fact(Timeout = 60_000)]
    public async Task Nobody_asks_for_a_newer_runner_while_the_image_has_a_good_one()
    {
        var specified = await SpecifyAsync("runner");

        Assert.DoesNotContain("runner", FilesOf(specified.Seed!));
        Assert.Null((await SpecifyAsync("plain")).Seed);
        Assert.Equal(specified.Seed!.Digest, (await SpecifyAsync("scripts")).Seed!.Digest);
        Assert.Empty(_page.Asked);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_image_that_is_too_old_is_used_where_its_clones_get_a_newer_runner_and_only_there()
    {
        _time.Advance(TimeSpan.FromDays(31));

        Assert.True((await _catalog.CheckAsync("runner", Token)).IsUsable);
        Assert.Contains("runner", FilesOf((await SpecifyAsync("runner")).Seed!));
        Assert.Contains("31 days old: each clone installs 2.337.0 at boot, which takes its time. Run: virtualbox-server image refresh debian --promote", _logs.LatestRecord.Message, StringComparison.Ordinal);
        Assert.Contains("31 days old, and GitHub takes none", (await _catalog.CheckAsync("plain", Token)).Problem, StringComparison.Ordinal);
        Assert.Contains("31 days old, and GitHub takes none", (await _catalog.CheckAsync("scripts", Token)).Problem, StringComparison.Ordinal);
        Assert.Equal(["/releases/latest"], _page.Asked);
    }

    [Fact(Timeout = 60_000)]
    public async Task Where_github_cannot_be_asked_nobody_gets_a_vm_and_is_told_why()
    {
        _page.Version = null;
        _time.Advance(TimeSpan.FromDays(31));

        var old = await _catalog.CheckAsync("runner", Token);
        Assert.Equal(HypervisorFault.ImageUnusable, old.Fault);
        Assert.Contains(
            $"31 days old, and GitHub takes none that is older than about 30. Run: virtualbox-server image refresh debian --promote. Nor can its clones install a newer one at boot: the newest runner is not known, for {_page.Address}latest cannot be read:",
            old.Problem, StringComparison.Ordinal);
        Assert.StartsWith("no runner can be installed in the clones of /srv/cloud.qcow2: the newest runner is not known", (await _catalog.CheckAsync("cloud", Token)).Problem, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<GitHubException>(() => SpecifyAsync("cloud"));
        Assert.StartsWith("The clones of image cloud cannot be given a runner at boot: the newest runner is not known", refused.Message, StringComparison.Ordinal);
        Assert.Null(_catalog.RecipeOf("cloud"));
        Assert.Equal((true, "github-unavailable"), (Failures.From(refused, VmAction.Clone).MayRetry, Failures.From(refused, VmAction.Clone).Failure.Code));
    }

    [Fact(Timeout = 60_000)]
    public async Task While_github_has_not_answered_nobody_is_refused_and_nobody_waits_long()
    {
        _page.IsMute = true;
        _time.Advance(TimeSpan.FromDays(31));

        var asked = _catalog.ListAsync(Token);
        _time.Advance(TimeSpan.FromSeconds(5));

        var usable = (await asked).Where(image => image.Usable).Select(image => image.Alias);
        Assert.Equal(["cloud", "runner"], usable);
    }

    [Fact(Timeout = 60_000)]
    public async Task An_image_that_was_built_before_there_were_seeds_is_refused_when_it_is_too_old()
    {
        _time.Advance(TimeSpan.FromDays(31));

        Assert.Contains("Run: virtualbox-server image refresh early --promote", (await _catalog.CheckAsync("early", Token)).Problem, StringComparison.Ordinal);
        Assert.Empty(_page.Asked);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_restarted_server_takes_warm_vms_for_what_they_are()
    {
        await SpecifyAsync("cloud");
        var before = _catalog.RecipeOf("cloud");
        while (!File.Exists(Path.Combine(_root.FullName, KeptRunner.FileName)))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        _page.Version = null;

        Assert.NotNull(before);
        Assert.Equal(before, Catalog().RecipeOf("cloud"));
    }

    [Fact(Timeout = 60_000)]
    public async Task What_a_warm_vm_is_made_of_changes_with_the_newest_runner()
    {
        await SpecifyAsync("cloud");
        var before = _catalog.RecipeOf("cloud");
        Assert.Equal(before, _catalog.RecipeOf("cloud"));

        _page.Version = "2.338.0";
        _time.Advance(NewestRunner.Fresh);
        while (_catalog.RecipeOf("cloud") == before)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }

        Assert.NotNull(_catalog.RecipeOf("cloud"));
    }

    private ImageCatalog Catalog() => new(
        new SimulatedHypervisor(SimulatedOptions.Instant, _time, NullLogger<SimulatedHypervisor>.Instance), _options, _time, new FakeLogger<ImageCatalog>(_logs));

    private Task<VmSpecification> SpecifyAsync(string alias) => _catalog.SpecifyAsync(new Vm
    {
        Id = VmId.Parse("one"), Key = "", Caller = "", Labels = [], CreatedAt = Built, ExpiresAt = Built, Image = alias, Repository = RepositoryName.Parse("acme/gpu"),
    }, Token);

    // The names stand in the disk as Joliet writes them.
    private static IEnumerable<string> FilesOf(VmSeed seed)
    {
        using var disk = new MemoryStream();
        seed.Write(VmId.Parse("one"), disk);
        var text = System.Text.Encoding.BigEndianUnicode.GetString(disk.ToArray().AsSpan(0, disk.ToArray().Length & ~1))
            + System.Text.Encoding.BigEndianUnicode.GetString(disk.ToArray().AsSpan(1, (disk.ToArray().Length - 1) & ~1));
        return Names.Where(name => text.Contains(name, StringComparison.Ordinal));
    }
}
