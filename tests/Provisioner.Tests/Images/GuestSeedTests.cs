using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Hypervisors;
using Provisioner.Server.Images.Building;

namespace Provisioner.Tests.Images;

/// <summary>The disk that a clone reads at boot, read by other programs than wrote it.</summary>
public sealed partial class GuestSeedTests : IDisposable
{
    private static readonly RunnerSource Newest = new() { Url = new Uri("https://example.org/actions-runner-linux-x64-2.337.0.tar.gz"), Sha256 = new string('a', 64), Version = "2.337.0" };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("guest-seed-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("one")]
    [InlineData("1e3")]
    [InlineData("0x10")]
    [InlineData("true")]
    [InlineData("2026-11-26")]
    [InlineData("a--")]
    public async Task What_cloud_init_reads_is_yaml_in_which_every_id_is_text(string id)
    {
        var seed = await ReadAsync(GuestSeed.Make([], null, TimeSpan.FromMinutes(5), new FakeTimeProvider()), id);

        var meta = await YamlAsync(seed["meta-data"]);
        Assert.Equal((id, id), ((string?)meta["instance-id"], (string?)meta["local-hostname"]));
        Assert.StartsWith("#cloud-config\n", seed["user-data"], StringComparison.Ordinal);
        var user = (await YamlAsync(seed["user-data"])).AsObject();
        var commands = Assert.Single(user).Value!.AsArray();
        Assert.Equal("bootcmd", Assert.Single(user).Key);
        var words = Assert.Single(commands)!.AsArray().Select(word => (string)word!).ToArray();
        Assert.Equal(["sh", "-c"], words[..2]);
        Assert.Contains("exec sh \"$at/seed.sh\" --install\n", words[2], StringComparison.Ordinal);
        Assert.Equal(0, (await Shell.RunAsync("sh", ["-n", "-c", words[2]])).ExitCode);
    }

    [Fact]
    public async Task It_holds_the_scripts_of_this_server_and_which_runner_is_wanted_and_until_when()
    {
        var seed = await ReadAsync(GuestSeed.Make(["--sudo", "--user", "jobs"], Newest, TimeSpan.FromMinutes(5), new FakeTimeProvider()), "one");

        string[] scripts = ["configure.sh", "gha-failed.service", "gha.service", "grow.sh", "README.md", "seed.sh", "setup.sh"];
        Assert.Equal([.. scripts, "meta-data", "runner", "setup-arguments", "user-data", "vbdp-seed"], seed.Keys.Order(StringComparer.OrdinalIgnoreCase).OrderBy(name => scripts.Contains(name) ? 0 : 1));
        Assert.All(scripts, name => Assert.Equal(File.ReadAllText(Repository.File("images/linux/" + name)), seed[name]));
        Assert.Equal("--sudo\n--user\njobs\n", seed["setup-arguments"]);
        Assert.Equal($"{Newest.Sha256}\n{Newest.Url}\n240\n", seed["runner"]);
    }

    [Fact]
    public async Task Nothing_that_the_scripts_take_from_beside_them_is_missing_on_it()
    {
        var seed = await ReadAsync(GuestSeed.Make([], Newest, TimeSpan.FromMinutes(5), new FakeTimeProvider()), "one");

        var setup = seed["setup.sh"];
        setup = setup[setup.IndexOf("\ninstall_service()", StringComparison.Ordinal)..];
        var text = seed["seed.sh"] + setup[..setup.IndexOf("\n}\n", StringComparison.Ordinal)];
        var taken = Beside().Matches(text).Select(match => match.Groups[1].Value)
            .Concat(Compared().Matches(text).SelectMany(match => match.Groups[1].Value.Split(' '))).Distinct().ToList();
        Assert.Superset(new HashSet<string>(["configure.sh", "gha.service", "README.md", "setup.sh", "setup-arguments"]), taken.ToHashSet());
        Assert.All(taken, name => Assert.Contains(name, seed.Keys));
    }

    [Fact]
    public void Guests_that_are_told_the_same_have_seeds_of_the_same_digest()
    {
        var time = new FakeTimeProvider();
        var patience = TimeSpan.FromMinutes(5);
        var seed = GuestSeed.Make(["--sudo"], Newest, patience, time);
        time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(seed.Digest, GuestSeed.Make(["--sudo"], Newest, patience, time).Digest);
        string[] others =
        [
            GuestSeed.Make([], Newest, patience, time).Digest, GuestSeed.Make(["--sudo"], null, patience, time).Digest,
            GuestSeed.Make(["--sudo"], Newest with { Sha256 = new string('b', 64) }, patience, time).Digest, GuestSeed.Make(["--sudo"], Newest, patience * 2, time).Digest,
        ];
        Assert.Equal(5, others.Append(seed.Digest).Distinct().Count());
    }

    [GeneratedRegex("""\$here/([A-Za-z][\w.-]*)""")]
    private static partial Regex Beside();

    [GeneratedRegex("for (?:file|unit) in ([^;]+);")]
    private static partial Regex Compared();

    private async Task<Dictionary<string, string>> ReadAsync(VmSeed seed, string id)
    {
        Shell.RequireProgram("bsdtar");
        var (disk, files) = (Path.Combine(_folder.FullName, "seed.iso"), _folder.CreateSubdirectory("files").FullName);
        seed.Save(_folder.FullName, VmId.Parse(id));
        var read = await Shell.RunAsync("bsdtar", ["-x", "-f", disk, "-C", files]);
        Assert.True(read.ExitCode == 0, read.Output);
        Assert.Equal("cidata", (await Shell.RunAsync("blkid", ["-p", "-s", "LABEL", "-o", "value", disk])).Output.Trim());
        return Directory.EnumerateFiles(files).ToDictionary(file => Path.GetFileName(file), File.ReadAllText);
    }

    private static async Task<JsonNode> YamlAsync(string text)
    {
        Shell.RequireProgram("python3");
        var read = await Shell.RunAsync("python3", ["-c", "import json, sys\ntry:\n  import yaml\nexcept ImportError:\n  sys.exit(3)\nprint(json.dumps(yaml.safe_load(sys.argv[1])))", text]);
        Assert.SkipWhen(read.ExitCode == 3, "needs python3-yaml (eng/install-packages test)");
        Assert.True(read.ExitCode == 0, read.Output);
        return JsonNode.Parse(read.Output)!;
    }
}
