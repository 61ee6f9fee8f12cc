using Provisioner.Server.Configuration;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Setup;

/// <summary><c>init</c> as a program: from nothing to a server that starts, as often as it is repeated.</summary>
public sealed class InitProgramTests : IDisposable
{
    private const int Patience = 180_000;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("init-");
    private readonly Dictionary<string, string> _environment;

    public InitProgramTests()
    {
        // Beside the published server lies the published generator; here the built one.
        var generator = Path.Combine(_folder.FullName, "cert-generator");
        File.WriteAllText(generator, $"#!/bin/sh\nexec dotnet '{Path.Combine(AppContext.BaseDirectory, "cert-generator.dll")}' \"$@\"\n");
        File.SetUnixFileMode(generator, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _environment = new() { ["PATH"] = $"{_folder.FullName}:{Environment.GetEnvironmentVariable("PATH")}", ["VBDP_LOG_LEVEL"] = "Warning" };
    }

    private string Etc => Path.Combine(_folder.FullName, "etc");

    private string Home => Path.Combine(_folder.FullName, "home");

    [Fact(Timeout = Patience)]
    public async Task What_it_makes_is_enough_to_start_and_nothing_of_it_is_made_twice()
    {
        var (code, first) = await InitAsync("--name", "vbox.example.org,10.0.0.5", "--repository", "acme/widgets", "--image", "debian-12=base");
        Assert.True(code == 0, first);
        var key = await File.ReadAllTextAsync(Path.Combine(Etc, "key.pem"), TestContext.Current.CancellationToken);
        var (again, second) = await InitAsync("--name", "other.example.org", "--repository", "acme/widgets");

        Assert.Equal(0, again);
        Assert.Equal(key, await File.ReadAllTextAsync(Path.Combine(Etc, "key.pem"), TestContext.Current.CancellationToken));
        Assert.Equal(1, first.Split('\n').Count(line => line.StartsWith("vbdp_", StringComparison.Ordinal)));
        Assert.DoesNotContain("vbdp_", second, StringComparison.Ordinal);
        Assert.Contains("server: \"https://vbox.example.org:8080\"", first, StringComparison.Ordinal);
        Assert.Contains("administration=write&actions=read", first, StringComparison.Ordinal);

        using var server = ProductProgram.Start("virtualbox-server", _environment, "--config", Path.Combine(Etc, "server.json"), "--port", "0", "--host", "127.0.0.1");
        await server.LineAsync("Listening on ");
        await server.SignalAsync("TERM");
        Assert.Equal(0, await server.ExitAsync());
    }

    [Fact(Timeout = Patience)]
    public async Task The_configuration_says_what_was_asked_for()
    {
        var tokenFile = Path.Combine(_folder.FullName, "token");
        await File.WriteAllTextAsync(tokenFile, "ghp_0000000000000000000000000000000000000", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(tokenFile, UnixFileMode.UserRead);

        var (code, output) = await InitAsync("--name", "10.0.0.5", "--port", "9443", "--github-token-file", tokenFile, "--image", "gpu=/images/a \"b\".qcow2");

        Assert.True(code == 0, output);
        var (options, errors) = ConfigurationReader.Read(Path.Combine(Etc, "server.json"), new Dictionary<string, string>(), new Dictionary<string, string>());
        Assert.Empty(errors);
        Assert.Equal((9443, HypervisorKind.Simulated, tokenFile, "https://10.0.0.5:9443"), (options!.Port, options.Hypervisor, options.GitHub.TokenFile, options.Oidc.Audience));
        Assert.Equal("/images/a \"b\".qcow2", options.Images["gpu"].Source);
        Assert.DoesNotContain("settings/apps/new", output, StringComparison.Ordinal);
    }

    [Fact(Timeout = Patience)]
    public async Task Wrong_options_are_told_all_at_once_and_nothing_is_made()
    {
        var (code, output) = await InitAsync("--name", "vbox.example.org", "--repository", "acme", "--github-app", "Iv1", "--image", "no source");

        Assert.Equal(2, code);
        Assert.Contains("--repository: 'acme' is not OWNER/NAME.", output, StringComparison.Ordinal);
        Assert.Contains("--github-app and --github-key", output, StringComparison.Ordinal);
        Assert.Contains("--image: 'no source'", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Etc));
    }

    [Fact(Timeout = Patience)]
    public async Task A_name_that_no_certificate_can_have_is_refused_in_words_and_the_next_try_goes_on()
    {
        var (code, output) = await InitAsync("--name", "not a name");
        var (next, _) = await InitAsync("--name", "vbox.example.org");

        Assert.Equal((1, 0), (code, next));
        Assert.Contains("No certificate was made: ", output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<(int Code, string Output)> InitAsync(params string[] words)
    {
        using var program = ProductProgram.Start("virtualbox-server", _environment, ["init", "--folder", Etc, "--home", Home, "--hypervisor", "simulated", "--user", Environment.UserName, .. words]);
        return (await program.ExitAsync(), program.Output);
    }
}
