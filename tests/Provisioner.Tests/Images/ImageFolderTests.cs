using Provisioner.Server.Configuration;
using Provisioner.Server.Images;
using Provisioner.Server.Images.Building;

namespace Provisioner.Tests.Images;

public sealed class ImageFolderTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("images-");

    private ImageFolder Folder => new(_root.FullName);

    public void Dispose() => _root.Delete(recursive: true);

    [Fact]
    public void The_first_version_is_used_and_later_ones_when_they_are_promoted()
    {
        Add("20261101T000000Z");
        Add("20261120T000000Z");

        Assert.Equal("20261101T000000Z", Folder.Current("debian")!.Version);
        Folder.Promote("debian", "20261120T000000Z", Now);
        Assert.Equal("20261120T000000Z", Folder.Current("debian")!.Version);
        Assert.Equal(["20261101T000000Z", "20261120T000000Z"], Folder.Versions("debian").Select(version => version.Version));
    }

    [Fact]
    public void A_rollback_returns_to_the_version_before()
    {
        Add("1");
        Add("2");
        Folder.Promote("debian", "2", Now);
        Folder.Promote("debian", "2", Now);

        Assert.Equal("1", Folder.Rollback("debian", Now));
        Assert.Equal("1", Folder.Current("debian")!.Version);
        Assert.Equal("2", Folder.Promoted("debian")!.Previous);
    }

    [Fact]
    public void What_is_not_there_is_named_beside_what_is()
    {
        Add("1");

        Assert.Contains("There is: 1.", Assert.Throws<ImageException>(() => Folder.Promote("debian", "2", Now)).Message, StringComparison.Ordinal);
        Assert.Contains("no version before", Assert.Throws<ImageException>(() => Folder.Rollback("debian", Now)).Message, StringComparison.Ordinal);
        Assert.Null(Folder.Current("fedora"));
        Assert.Null(Folder.Current("../" + _root.Name + "/debian"));
        Assert.Null(Folder.Current("/var/lib/images/debian.qcow2"));
    }

    [Fact]
    public void A_version_that_was_in_use_and_is_gone_is_an_error_and_not_another_version()
    {
        Add("1");
        Add("2");
        Folder.Promote("debian", "2", Now);
        Folder.Forget("debian", "2");

        Assert.Contains("There is no version 2 of image debian", Assert.Throws<ImageException>(() => Folder.Current("debian")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_damaged_is_named()
    {
        Add("1");
        File.WriteAllText(Path.Combine(_root.FullName, "debian", "promoted.json"), "{");

        Assert.Contains("promoted.json cannot be read", Assert.Throws<ImageException>(() => Folder.Current("debian")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_killed_build_left_is_found_and_what_is_somebodys_is_not()
    {
        Add("20261101T000000Z");
        foreach (var folder in new[] { "debian/20261102T000000Z", "debian/mine", "documents/thesis", "documents/20261102" })
        {
            _root.CreateSubdirectory(folder);
        }

        Assert.Equal([Path.Combine(_root.FullName, "debian", "20261102T000000Z")], Folder.Leftovers);
    }

    [Fact]
    public void Two_do_not_work_in_it_at_once()
    {
        using var one = Folder.Lock();

        Assert.Contains("Another virtualbox-server image command", Assert.Throws<ImageException>(() => Folder.Lock()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20, false, false)]
    [InlineData(22, true, false)]
    [InlineData(31, true, true)]
    public void A_runner_grows_old_from_its_release_on(int days, bool warns, bool refuses)
    {
        var image = Manifest("1") with { RunnerReleased = Now.AddDays(-days), Built = Now };

        Assert.Equal(warns, ImageAge.Warning("debian", image, new RunnerOptions(), Now) is not null);
        Assert.Equal(refuses, ImageAge.Refusal("debian", image, new RunnerOptions(), Now) is { } why && why.Contains("image refresh debian --promote", StringComparison.Ordinal));
        Assert.Null(ImageAge.Refusal("debian", image, new RunnerOptions { MaxAge = TimeSpan.Zero }, Now));
    }

    [Fact]
    public void A_runner_of_unknown_release_is_as_old_as_its_image() =>
        Assert.NotNull(ImageAge.Refusal("debian", Manifest("1") with { Built = Now.AddDays(-31) }, new RunnerOptions(), Now));

    private void Add(string version)
    {
        Folder.Add("debian", Manifest(version), Now);
    }

    internal static ImageManifest Manifest(string version) =>
        new() { Version = version, Built = Now, Source = "disk.qcow2", BaseSha256 = "", Recipe = new ImageRecipe { Name = "debian" } };
}
