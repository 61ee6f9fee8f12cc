using Provisioner.Server.Images;
using Provisioner.Server.Images.Building;

namespace Provisioner.Tests.Images;

public sealed class RecipeFileTests : IDisposable
{
    private const string Sum = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recipe-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_recipe_is_read_and_its_files_are_found_beside_it()
    {
        File.WriteAllText(InFolder("disk.raw"), "");

        var recipe = Read($$"""
            {
              // comments are fine
              "name": "debian-13", "base": { "file": "disk.raw" }, "deadline": "01:00:00", "disk": 8192,
              "runner": { "version": "2.336.0" }, "setup": ["--sudo"],
            }
            """);

        Assert.Equal((InFolder("disk.raw"), TimeSpan.FromHours(1), 8192), (recipe.Base.File, recipe.Deadline, recipe.Disk));
        Assert.Equal(["--sudo"], recipe.Setup);
    }

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once()
    {
        var problem = Assert.Throws<ImageException>(() => Read("""
            {
              "name": "Debian 13", "base": { "url": "ftp://example.org/disk" }, "cpus": 0, "memory": 1, "disk": 0, "deadline": "2.00:00:00",
              "runner": { "file": "nowhere.tar.gz", "url": "https://example.org/r", "checksums": "http://example.org/SUMS" }, "setup": ["--runner-dir", "a\nb"]
            }
            """)).Message;

        foreach (var error in new[]
        {
            "name: 'Debian 13' will not do", "base.url: 'ftp://example.org/disk'", "base.sha256: missing", "runner: give one of file and url", "runner.file: there is no file",
            "runner.checksums: 'http://example.org/SUMS'", "disk: 0 is less than 1", "cpus: 0 is less than 1", "memory: 1 is less than 64", "deadline: 2.00:00:00",
            "setup: '--runner-dir'", "setup: 'a b'",
        })
        {
            Assert.Contains(error, problem, StringComparison.Ordinal);
        }

        Assert.All(problem.Split(Environment.NewLine), line => Assert.StartsWith(InFolder("recipe.json"), line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "name": "x" }""", "base: give file or url")]
    [InlineData("""{ "name": "x", "base": { "file": "recipe.json" }, "runner": { "file": "recipe.json" } }""", "runner.sha256: missing. Nothing unchecked is unpacked")]
    [InlineData("""{ "name": "x", "base": { "url": "http://example.org/x", "checksums": "https://example.org/S" } }""", "http proves nothing")]
    [InlineData("""{ "name": "x", "base": { "file": "recipe.json", "sha256": "12" } }""", "a SHA-256 has 64 hexadecimal digits")]
    [InlineData("""{ "name": "x", "base": { "file": "recipe.json", "sha512": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" } }""", "a SHA-512 has 128")]
    [InlineData("""{ "name": "x", "bass": {} }""", "bass")]
    [InlineData("""{ "name": """, "recipe.json: ")]
    [InlineData("null", "is empty")]
    public void A_mistake_is_named(string text, string error) =>
        Assert.Contains(error, Assert.Throws<ImageException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_recipe_that_is_not_there_is_named() =>
        Assert.Contains("nothing.json cannot be read", Assert.Throws<ImageException>(() => RecipeFile.Read(InFolder("nothing.json"))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(Sum + "  disk.qcow2", true)]
    [InlineData("# list\n" + Sum + " *disk.qcow2\n", true)]
    [InlineData(Sum + "  ./disk.qcow2\r\n", true)]
    [InlineData("SHA256 (disk.qcow2) = " + Sum, true)]
    [InlineData(Sum + "  other-disk.qcow2", false)]
    [InlineData("SHA256 (disk.qcow2.asc) = " + Sum, false)]
    [InlineData("<html>disk.qcow2</html>", false)]
    public void A_checksum_is_found_in_a_publishers_list(string list, bool isThere) =>
        Assert.Equal(isThere ? Sum : null, Checksum.Find(list, "disk.qcow2")?.Hex);

    [Fact]
    public void The_recipes_that_are_shipped_are_good()
    {
        var recipes = Directory.GetFiles(Path.GetDirectoryName(Repository.File("images/linux"))!, "*.json");

        Assert.NotEmpty(recipes);
        Assert.All(recipes, file => Assert.Equal(Path.GetFileNameWithoutExtension(file), RecipeFile.Read(file).Name));
    }

    private ImageRecipe Read(string text)
    {
        File.WriteAllText(InFolder("recipe.json"), text);
        return RecipeFile.Read(InFolder("recipe.json"));
    }

    private string InFolder(string name) => Path.Combine(_folder.FullName, name);
}
