using System.Collections;
using Provisioner.Server.Configuration;

namespace Provisioner.Tests.Server;

public sealed class ConfigurationTests : IDisposable
{
    private static readonly Dictionary<string, string> NoFlags = [];

    private readonly string _folder = Directory.CreateTempSubdirectory("configuration").FullName;

    [Fact]
    public void All_errors_of_a_file_are_reported_at_once_by_path()
    {
        var (options, errors) = Read(
            """
            { // a remark
              "prot": 1, "port": "many", "hypervisor": "xen",
              "vms": { "lifetime": "long", "max_running": 2 },
              "images": { "debian-12": { "cpu": 2 } },
            }
            """);

        Assert.Null(options);
        Assert.Equal(6, errors.Count);
        Assert.Contains(errors, error => error.StartsWith("prot:", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("port: \"many\" is not a whole number", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("hypervisor: \"xen\" is not one of", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("vms.lifetime:", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.Contains("did you mean maxRunning?", StringComparison.Ordinal));
        Assert.Contains(errors, error => error.StartsWith("images.debian-12.cpu:", StringComparison.Ordinal));
    }

    [Fact]
    public void Values_that_make_no_sense_are_reported_at_once_by_path()
    {
        var (_, errors) = Read("""{ "port": 70000, "host": "here", "images": { "A b": { "memory": 1 } }, "gitHub": { "url": "http://example.org" } }""");

        Assert.Equal(8, errors.Count);
        Assert.Contains(errors, error => error.Contains("cert-generator", StringComparison.Ordinal));
    }

    [Fact]
    public void More_warm_vms_than_may_exist_and_an_age_that_no_guest_waits_for_are_refused()
    {
        var (_, errors) = Read(
            """{ "images": { "a": { "source": "base", "warm": 3 }, "b": { "source": "base", "warm": 2 }, "c": { "source": "base", "warm": -1 } }, "vms": { "maxRunning": 4, "warmMaxAge": "1.00:00:00" } }""");

        Assert.Contains("images.c.warm: -1 is less than 0.", errors);
        Assert.Contains("images.<alias>.warm: 5 warm VMs are wanted together, and vms.maxRunning lets 4 VMs exist. Ask for fewer, or raise it.", errors);
        Assert.Contains("vms.warmMaxAge: 1.00:00:00 is not between a minute and 23:00:00: a guest waits a day for its configuration.", errors);
    }

    [Fact]
    public void What_is_wrong_with_seeds_is_said_at_once()
    {
        var (_, errors) = Read(
            """
            { "images": { "a": { "source": "base", "setup": ["--sudo"] }, "b": { "source": "base", "seed": "runner", "setup": ["--runner-url", "--user\nx", "--sudo"] },
                "c": { "source": "base", "seed": "scripts", "setup": ["--sudo"] }, "d": { "source": "base", "seed": "runner", "setup": ["--user", "-h"] }, "e": { "source": "base", "seed": "scripts" } },
              "runner": { "releases": "http://example.org/" } }
            """);

        Assert.Contains("images.a.setup: nothing is set up in clones that get no runner. Add \"seed\": \"runner\", or remove it.", errors);
        Assert.Contains("images.b.setup: '--runner-url' cannot be given here: one option on one line, which runner is the server's choice, and its folder and user are the image's.", errors);
        Assert.Contains("images.b.setup: '--user x' cannot be given here: one option on one line, which runner is the server's choice, and its folder and user are the image's.", errors);
        Assert.Contains("runner.releases: 'http://example.org/' is not an https address.", errors);
        Assert.Contains(errors, error => error.StartsWith("images.c.setup: nothing is set up", StringComparison.Ordinal));
        Assert.Equal(2, errors.Count(error => error.StartsWith("images.d.setup: '", StringComparison.Ordinal)));
        Assert.Equal(7, errors.Count(error => error.StartsWith("images.", StringComparison.Ordinal) || error.StartsWith("runner.", StringComparison.Ordinal)));
        foreach (var address in (string[])["https://me:secret@example.org/", "https://example.org/?a=b", "https://example.org/#c"])
        {
            var refused = Assert.Single(Read($$"""{ "runner": { "releases": "{{address}}" } }""").Errors, error => error.StartsWith("runner.releases: it has a user", StringComparison.Ordinal));
            Assert.DoesNotContain("secret", refused, StringComparison.Ordinal);
        }

        Assert.Contains(Read("""{ "images": { "a": { "source": "base", "seed": "cd" } } }""").Errors, error => error.StartsWith("images.a.seed: \"cd\" is not one of", StringComparison.Ordinal));
    }

    [Fact]
    public void The_environment_outranks_the_file_and_flags_outrank_both()
    {
        var file = """{ "port": 1, "name": "file", "dataFolder": "file" }""";
        var environment = new Hashtable { ["VBDP_NAME"] = "environment", ["VBDP_DATA_FOLDER"] = "environment", ["VBDP_GITHUB__URL"] = "https://ghe.example.org" };
        var flags = new Dictionary<string, string> { ["dataFolder"] = "flag", ["certFile"] = Existing("cert.pem"), ["keyFile"] = Existing("key.pem") };

        var (options, errors) = ConfigurationReader.Read(Write(file), environment, flags);

        Assert.Empty(errors);
        Assert.Equal((1, "environment", "flag"), (options!.Port, options.Name, options.DataFolder));
        Assert.Equal("https://ghe.example.org", options.GitHub.Url);
    }

    [Theory]
    [InlineData("""{ "vms": null }""", "vms:")]
    [InlineData("""{ "images": { "a": null } }""", "images.a:")]
    [InlineData("""{ "port": null }""", "port:")]
    public void Null_is_no_value(string json, string path) =>
        Assert.Contains(Read(json).Errors, error => error.StartsWith(path, StringComparison.Ordinal));

    [Fact]
    public void A_mistyped_nested_variable_is_an_error_and_a_number_may_have_leading_zeros()
    {
        var environment = new Hashtable { ["VBDP_VMS__MAXRUNING"] = "9", ["VBDP_PORT"] = "08080", ["VBDP_TOKEN"] = "the client's" };

        var (_, errors) = ConfigurationReader.Read(Write("{}"), environment, NoFlags);

        Assert.Equal("VBDP_VMS__MAXRUNING: there is no such setting.", Assert.Single(errors));
    }

    [Fact]
    public void A_file_that_is_not_json_names_line_and_column()
    {
        var (_, errors) = Read("{\n  \"port\": ,\n}");

        Assert.Contains(errors, error => error.Contains("line 2, column", StringComparison.Ordinal));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (ServerOptions? Options, IReadOnlyList<string> Errors) Read(string json) =>
        ConfigurationReader.Read(Write(json), new Hashtable(), NoFlags);

    private string Write(string json)
    {
        var file = Path.Combine(_folder, "server.json");
        File.WriteAllText(file, json);
        return file;
    }

    private string Existing(string name)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, "");
        return file;
    }
}
