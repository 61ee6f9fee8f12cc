using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Provisioner.EndToEndTests;

/// <summary>
/// The commands of README, INSTALL, the tutorial and the how-to pages do what the pages say: each block is run, with the published programs in an empty
/// folder, or says above itself why not. A page that does not begin at nothing finds a server with the simulated hypervisor that is set up and runs.
/// </summary>
public sealed class DocumentedCommandTests(Stage stage) : IDisposable
{
    private const int Patience = 300_000;

    /// <summary>These make by themselves what others find.</summary>
    private static readonly string[] BeginAtNothing = ["docs/tutorial/first-vm.md", "docs/how-to/certificates.md", "docs/how-to/backup-and-restore.md", "docs/how-to/troubleshoot.md"];

    private static readonly string[] Folders = ["docs/how-to", "docs/tutorial"];

    private static readonly string[] Programs = ["virtualbox-server", "virtualbox-client", "cert-generator", "github-simulator"];

    private readonly string _folder = Directory.CreateTempSubdirectory("documented-").FullName;

    public static TheoryData<string> Pages => [.. Folders
        .Select(folder => Path.Combine(Repository.Root, folder))
        .Where(Directory.Exists)
        .SelectMany(folder => Directory.GetFiles(folder, "*.md"))
        .Select(file => Path.GetRelativePath(Repository.Root, file))
        .Concat(["README.md", "INSTALL.md"])
        .Order(StringComparer.Ordinal)];

    [Theory(Timeout = Patience)]
    [MemberData(nameof(Pages))]
    public async Task The_commands_of_a_page_do_what_it_says(string page)
    {
        var blocks = DocumentedBlock.Of(await File.ReadAllTextAsync(Path.Combine(Repository.Root, page), TestContext.Current.CancellationToken)).ToList();
        var commands = blocks.Where(block => block.NotRun is null).SelectMany(block => block.Commands()).ToList();
        if (commands.Count == 0)
        {
            return; // each says why
        }

        var script = Path.Combine(_folder, "page.sh");
        await File.WriteAllTextAsync(script, await PreludeAsync(page) + string.Concat(commands.Select(Step)), TestContext.Current.CancellationToken);
        var (code, output) = await NativeProcess.RunAsync("/bin/bash", [script], Environment());

        var parts = $"\n{output}\n".Split("\n@@ ").Skip(1).Select(part => part.Split('\n', 2)).ToDictionary(part => int.Parse(part[0], CultureInfo.InvariantCulture), part => part[1]);
        Assert.True(code == 0, $"{page}, line {parts.Keys.DefaultIfEmpty().Max()}: exit code {code}\n{output}");
        foreach (var (line, _, prints) in commands)
        {
            Assert.True(LooseText.Missing(prints, parts[line]) is null, $"{page}, line {line}: '{LooseText.Missing(prints, parts[line])}' is not among\n{parts[line]}");
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Etc => Path.Combine(_folder, "etc");

    private Dictionary<string, string> Environment() => new()
    {
        ["PATH"] = string.Join(':', Programs.Select(name => Path.GetDirectoryName(Repository.Program(name)))) + ":" + System.Environment.GetEnvironmentVariable("PATH"),
        ["HOME"] = _folder,
        ["VBDP_LOG_LEVEL"] = "Warning",
    };

    private string Step((int Line, string Command, IReadOnlyList<string> Prints) step) => $"echo; echo '@@ {step.Line}'\n{Here(step.Command)}\n";

    /// <summary>What a page says of an example's host is said here of this one.</summary>
    private string Here(string command) => command
        .Replace("sudo -u vbdp ", "", StringComparison.Ordinal)
        .Replace("sudo ", "", StringComparison.Ordinal)
        .Replace("/etc/virtualbox-provisioner", Etc, StringComparison.Ordinal)
        .Replace("https://vbox.example.org:8080", "$VBDP_SERVER", StringComparison.Ordinal)
        .Replace("https://vm1.example.com:8080", "$VBDP_SERVER", StringComparison.Ordinal);

    private async Task<string> PreludeAsync(string page)
    {
        var work = Directory.CreateDirectory(Path.Combine(_folder, "work")).FullName;
        var begin = $"set -euo pipefail\nexec 2>&1\ntrap 'jobs -p | xargs -r kill' EXIT\ncd '{work}'\n";
        if (BeginAtNothing.Contains(page))
        {
            return begin;
        }

        var credential = Path.Combine(_folder, "github-token");
        await File.WriteAllTextAsync(credential, stage.GitHubToken, TestContext.Current.CancellationToken);
        var port = FreePort();
        return $"""
            {begin}
            cp -r '{Repository.Root}/images' '{Repository.Root}/samples' .
            chmod 600 '{credential}'
            virtualbox-server init --name localhost --folder '{Etc}' --home '{_folder}/home' --hypervisor simulated --port {port} --repository acme/widgets \
              --github-url '{stage.GitHub.BaseAddress!.GetLeftPart(UriPartial.Authority)}' --github-token-file '{credential}' --image debian-12=debian-12-base >init.log
            (umask 077; tail -n 1 init.log >token)
            cp '{Etc}/ca.pem' .
            export VBDP_SERVER=https://localhost:{port} VBDP_CA=ca.pem VBDP_TOKEN_FILE=token TOKEN=$(cat token)
            virtualbox-server --config '{Etc}/server.json' >server.log 2>&1 &
            until grep -q 'Listening on' server.log; do kill -0 $!; sleep 0.1; done

            """;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
