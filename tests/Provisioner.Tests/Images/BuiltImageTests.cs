using Microsoft.Extensions.Logging;
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

/// <summary>What the server makes VMs of, where images were built on its host.</summary>
public sealed class BuiltImageTests : IDisposable
{
    private static readonly DateTimeOffset Built = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("images-");
    private readonly FakeTimeProvider _time = new(Built);
    private readonly FakeLogCollector _logs = new();
    private readonly ServerOptions _options;
    private readonly ImageCatalog _catalog;

    public BuiltImageTests()
    {
        _options = new ServerOptions
        {
            Hypervisor = HypervisorKind.Qemu,
            ImageFolder = Path.Combine(_root.FullName, "images"),
            Images = new() { ["debian"] = new ImageOptions { Source = "debian" }, ["plain"] = new ImageOptions { Source = "/srv/plain.qcow2" } },
            Qemu = new() { Folder = Path.Combine(_root.FullName, "machines") },
        };
        var hypervisor = new SimulatedHypervisor(SimulatedOptions.Instant, _time, NullLogger<SimulatedHypervisor>.Instance);
        _catalog = new ImageCatalog(hypervisor, _options, _time, new FakeLogger<ImageCatalog>(_logs));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ImageFolder Folder => new(_options.ImageFolder);

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public async Task The_version_in_use_is_looked_up_with_each_vm()
    {
        await AddAsync("20261101T000000Z");
        await AddAsync("20261120T000000Z");

        var before = await SpecifyAsync("debian");
        Folder.Promote("debian", "20261120T000000Z", _time.GetUtcNow());

        Assert.Equal(new BaseImage(DiskOf("20261101T000000Z")), before);
        Assert.Equal(new BaseImage(DiskOf("20261120T000000Z")), await SpecifyAsync("debian"));
        Assert.Equal(new BaseImage("/srv/plain.qcow2"), await SpecifyAsync("plain"));
        var views = await _catalog.ListAsync(Token);
        Assert.Equal(("20261120T000000Z", "2.336.0", 0), (views[0].Version, views[0].RunnerVersion, views[0].RunnerAge));
        Assert.Equal((null, null, null), (views[1].Version, views[1].RunnerVersion, views[1].RunnerAge));
    }

    [Fact]
    public async Task An_old_runner_is_warned_of_once_a_day_and_then_refused()
    {
        await AddAsync("20261101T000000Z");
        _time.Advance(TimeSpan.FromDays(21) + TimeSpan.FromHours(1));
        await _catalog.CheckAsync("debian", Token);
        _time.Advance(TimeSpan.FromHours(23));
        Assert.True((await _catalog.CheckAsync("debian", Token)).IsUsable);

        Assert.Contains("is 21 days old. Run: virtualbox-server image refresh debian --promote", Assert.Single(_logs.GetSnapshot()).Message, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromHours(2));
        await _catalog.CheckAsync("debian", Token);
        Assert.Equal(2, _logs.GetSnapshot().Count);
        Assert.All(_logs.GetSnapshot(), record => Assert.Equal(LogLevel.Warning, record.Level));

        _time.Advance(TimeSpan.FromDays(9));
        var refused = await _catalog.CheckAsync("debian", Token);
        Assert.Contains("31 days old, and GitHub takes none", refused.Problem, StringComparison.Ordinal);
        Assert.Equal(HypervisorFault.ImageUnusable, refused.Fault);
    }

    [Fact]
    public async Task A_promotion_that_is_damaged_makes_its_image_unusable_and_no_other()
    {
        await AddAsync("20261101T000000Z");
        await File.WriteAllTextAsync(Path.Combine(_options.ImageFolder, "debian", "promoted.json"), "{", Token);

        var views = await _catalog.ListAsync(Token);

        Assert.Equal([false, true], views.Select(view => view.Usable));
        Assert.Contains("promoted.json cannot be read", views[0].Problem, StringComparison.Ordinal);
        await Assert.ThrowsAsync<HypervisorException>(() => SpecifyAsync("debian"));
    }

    [Fact]
    public async Task Only_versions_that_nobody_needs_are_removed()
    {
        Shell.RequireProgram("qemu-img");
        foreach (var version in new[] { "1-lived-on", "2-needless", "3-before", "4-in-use", "5-newer" })
        {
            await AddAsync(version);
        }

        Folder.Promote("debian", "3-before", _time.GetUtcNow());
        Folder.Promote("debian", "4-in-use", _time.GetUtcNow());
        await CloneAsync("one", DiskOf("1-lived-on"));
        var cleanup = new ImageCleanup(_options, Folder, _time);

        Assert.DoesNotContain(await cleanup.RunAsync(isRehearsal: false, Token), line => line.EndsWith("removed", StringComparison.Ordinal));
        _time.Advance(ImageCleanup.Grace);
        Assert.Contains("debian 2-needless: would go", await cleanup.RunAsync(isRehearsal: true, Token));
        var told = await cleanup.RunAsync(isRehearsal: false, Token);

        Assert.Equal(
            [
                "debian 1-lived-on: stays, a VM stands on it", "debian 2-needless: removed", "debian 3-before: stays, a rollback returns to it",
                "debian 4-in-use: stays, it is in use", "debian 5-newer: stays, it is newer than the one in use, and may yet be promoted",
            ],
            told);
        Assert.Equal(["1-lived-on", "3-before", "4-in-use", "5-newer"], Folder.Versions("debian").Select(version => version.Version));
        Assert.False(Directory.Exists(Folder.FolderOf("debian", "2-needless")));
    }

    [Fact]
    public async Task Nothing_is_removed_while_a_machine_does_not_say_what_it_stands_on()
    {
        Shell.RequireProgram("qemu-img");
        await AddAsync("1");
        await AddAsync("2");
        await AddAsync("3");
        Folder.Promote("debian", "2", _time.GetUtcNow());
        Folder.Promote("debian", "3", _time.GetUtcNow());
        Directory.CreateDirectory(Path.Combine(_options.Qemu.Folder, "vbdp-one"));
        await File.WriteAllTextAsync(Path.Combine(_options.Qemu.Folder, "vbdp-one", "disk.qcow2"), "damaged", Token);
        _time.Advance(ImageCleanup.Grace);

        await Assert.ThrowsAsync<HypervisorException>(() => new ImageCleanup(_options, Folder, _time).RunAsync(isRehearsal: false, Token));

        Assert.Equal(3, Folder.Versions("debian").Count);
    }

    [Fact]
    public async Task The_table_shows_what_is_in_use_and_how_old_it_is()
    {
        await AddAsync("20261101T000000Z");
        await AddAsync("20261120T000000Z");
        Folder.Promote("debian", "20261120T000000Z", _time.GetUtcNow());
        _time.Advance(TimeSpan.FromDays(31));
        var table = new ImageTable(new RunnerOptions(), Folder, _time);

        Assert.Equal(
            [
                "NAME    VERSION           USE       RUNNER   AGE           MIB  SYSTEM", "debian  20261101T000000Z  previous  2.336.0  31 d TOO OLD  0    Debian \\u001b[31m",
                "debian  20261120T000000Z  current   2.336.0  31 d TOO OLD  0    Debian \\u001b[31m",
            ],
            table.Lines(json: false));
        Assert.StartsWith("{\"name\":\"debian\",\"version\":\"20261101T000000Z\",\"use\":\"previous\",\"runner\":\"2.336.0\",\"ageDays\":31,", table.Lines(json: true).First(), StringComparison.Ordinal);
    }

    private async Task<BaseImage> SpecifyAsync(string alias) => (await _catalog.SpecifyAsync(new Vm
    {
        Id = VmId.Parse("one"), Key = "", Caller = "", Labels = [], CreatedAt = Built, ExpiresAt = Built, Image = alias, Repository = RepositoryName.Parse("acme/gpu"),
    }, Token)).Image;

    private string DiskOf(string version) => Folder.BaseOf("debian", Folder.Find("debian", version)).Source;

    private async Task AddAsync(string version)
    {
        var disk = Path.Combine(Directory.CreateDirectory(Folder.FolderOf("debian", version)).FullName, "disk.qcow2");
        if (OperatingSystem.IsLinux() && File.Exists("/usr/bin/qemu-img"))
        {
            await Shell.RunAsync("qemu-img", ["create", "-q", "-f", "qcow2", disk, "2M"]);
        }

        var manifest = ImageFolderTests.Manifest(version) with { Built = Built, RunnerReleased = Built, RunnerVersion = "2.336.0", System = "Debian \e[31m" };
        Folder.Add("debian", manifest, _time.GetUtcNow());
    }

    private async Task CloneAsync(string id, string disk)
    {
        Directory.CreateDirectory(Path.Combine(_options.Qemu.Folder, $"vbdp-{id}"));
        var made = await Shell.RunAsync(
            "qemu-img", ["create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", disk, Path.Combine(_options.Qemu.Folder, $"vbdp-{id}", "disk.qcow2")]);
        Assert.True(made.ExitCode == 0, made.Output);
    }
}
