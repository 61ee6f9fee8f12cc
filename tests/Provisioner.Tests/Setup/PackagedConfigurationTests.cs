using Provisioner.Server.Configuration;
using Provisioner.Server.Setup;
using Provisioner.Tests.Architecture;

namespace Provisioner.Tests.Setup;

/// <summary>A package brings a configuration that explains itself. <c>init</c> replaces it as long as nobody has touched it.</summary>
public sealed class PackagedConfigurationTests : IDisposable
{
    private static readonly string Shipped = SourceTree.Read("packaging/deb/server.json");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("packaged-");
    private readonly List<string> _told = [];

    public PackagedConfigurationTests()
    {
        // Certificates are another test's; only that they exist is looked at.
        foreach (var (name, text) in new[] { ("cert.pem", "x"), ("key.pem", "x"), ("share.json", Shipped), ("server.json", Shipped) })
        {
            File.WriteAllText(InFolder(name), text);
        }
    }

    [Fact]
    public async Task One_that_nobody_has_touched_is_replaced_and_keeps_its_owner_and_mode()
    {
        File.SetUnixFileMode(InFolder("server.json"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        await InitAsync();

        var (options, errors) = ConfigurationReader.Read(InFolder("server.json"), new Dictionary<string, string>(), new Dictionary<string, string>());
        Assert.Empty(errors);
        Assert.Equal((HypervisorKind.Qemu, "https://github.example.org"), (options!.Hypervisor, options.GitHub.Url));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, File.GetUnixFileMode(InFolder("server.json")));
        Assert.Contains($"made   {InFolder("server.json")}, in place of the package's", _told);
        Assert.False(File.Exists(InFolder("server.json.new")));
    }

    [Fact]
    public async Task One_that_somebody_has_touched_stays()
    {
        await File.AppendAllTextAsync(InFolder("server.json"), "// mine\n", TestContext.Current.CancellationToken);

        await InitAsync();

        Assert.Equal(Shipped + "// mine\n", await File.ReadAllTextAsync(InFolder("server.json"), TestContext.Current.CancellationToken));
        Assert.Contains($"kept   {InFolder("server.json")}", _told);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string InFolder(string name) => Path.Combine(_folder.FullName, name);

    private async Task InitAsync() => await new Installation(
        new InstallationPlan
        {
            Names = ["vbox.example.org"],
            Folder = _folder.FullName,
            Home = InFolder("home"),
            Hypervisor = HypervisorKind.Qemu,
            GitHubUrl = "https://github.example.org",
            Packaged = InFolder("share.json"),
        },
        _told.Add,
        TimeProvider.System).MakeAsync();
}
