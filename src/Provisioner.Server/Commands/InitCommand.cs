using System.CommandLine;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Setup;

namespace Provisioner.Server.Commands;

/// <summary><c>init</c>: from installed programs to a server that can be started. It asks for what nobody can guess, where somebody is there to answer.</summary>
internal static class InitCommand
{
    private const string ServerUser = "vbdp";

    private static readonly Option<string[]> Names = new("--name") { Description = "Name or address by which clients reach the server. May be repeated; the first goes into the workflow", HelpName = "HOST" };
    private static readonly Option<string> Folder = new("--folder") { Description = "Where configuration and certificates go", DefaultValueFactory = _ => "/etc/virtualbox-provisioner", HelpName = "DIR" };
    private static readonly Option<string> Home = new("--home") { Description = "Where database, machines and images go", DefaultValueFactory = _ => "/var/lib/virtualbox-server", HelpName = "DIR" };
    private static readonly Option<HypervisorKind> Hypervisor = new("--hypervisor") { Description = "What runs the VMs: virtualbox, qemu, or simulated for a rehearsal", HelpName = "NAME" };
    private static readonly Option<int> Port = new("--port") { Description = "Where to listen", DefaultValueFactory = _ => 8080, HelpName = "PORT" };
    private static readonly Option<string?> User = new("--user") { Description = $"The server's user; root gives him what the server needs [default: {ServerUser} where there is one]", HelpName = "NAME" };
    private static readonly Option<string?> Repository = new("--repository") { Description = "Make a first API token for this repository", HelpName = "OWNER/NAME" };
    private static readonly Option<string?> App = new("--github-app") { Description = "Client ID of a GitHub App, with --github-key", HelpName = "ID" };
    private static readonly Option<string?> Key = new("--github-key") { Description = "Its private key, a PEM file", HelpName = "FILE" };
    private static readonly Option<string?> TokenFile = new("--github-token-file") { Description = "Instead of an App: a file with a token", HelpName = "FILE" };
    private static readonly Option<string?> Url = new("--github-url") { Description = "An enterprise's GitHub, such as https://github.example.org [default: https://github.com]", HelpName = "URL" };
    private static readonly Option<string[]> Images = new("--image") { Description = "An image beside those that were built here, with its base. May be repeated", HelpName = "ALIAS=SOURCE" };

    public static Command Create()
    {
        var command = new Command(
            "init",
            """
            Make certificates, a commented configuration and a first token, and say what is left to do. What is there already stays, so that it can be repeated.
            Exit codes: 0 made, 1 failed, 2 wrong options.
            """) { Names, Folder, Home, Hypervisor, Port, User, Repository, App, Key, TokenFile, Url, Images };
        command.SetAction(async (parsed, _) =>
        {
            var errors = Problems(parsed).ToList();
            var names = errors.Count == 0 ? ReadNames(parsed) : [];
            if (errors.Count == 0 && names.Length == 0)
            {
                errors.Add($"--name: by which name or address do clients reach the server? Such as --name {Environment.MachineName.ToLowerInvariant()}.example.org");
            }

            return errors.Count > 0 ? StoreCommand.Refuse(string.Join($"{Environment.NewLine}  ", errors)) : await MakeAsync(Plan(parsed, names));
        });
        return command;
    }

    private static async Task<int> MakeAsync(InstallationPlan plan)
    {
        try
        {
            var token = await new Installation(plan, Console.WriteLine, TimeProvider.System).MakeAsync();
            foreach (var line in NextSteps.Of(plan, token))
            {
                Console.WriteLine(line);
            }

            if (token is not null)
            {
                Console.WriteLine($"{Environment.NewLine}The token, which is shown once:{Environment.NewLine}{token}");
            }

            return ExitCodes.Done;
        }
        catch (InstallationException problem)
        {
            await Console.Error.WriteLineAsync($"virtualbox-server: {problem.Message}");
            return ExitCodes.Failed;
        }
    }

    private static string[] ReadNames(ParseResult parsed)
    {
        var given = parsed.GetValue(Names)!;
        if (given.Length == 0 && !Console.IsInputRedirected)
        {
            Console.Error.Write("By which names or addresses do clients reach this server (separated by commas)? ");
            given = [Console.ReadLine() ?? ""];
        }

        return [.. given.SelectMany(names => names.Split(',')).Select(name => name.Trim()).Where(name => name.Length > 0)];
    }

    private static IEnumerable<string> Problems(ParseResult parsed)
    {
        if (parsed.GetValue(Repository) is { } repository && !RepositoryName.TryParse(repository, out _))
        {
            yield return $"--repository: '{repository}' is not OWNER/NAME.";
        }

        if (parsed.GetValue(App) is null != parsed.GetValue(Key) is null)
        {
            yield return "--github-app and --github-key: an App needs both.";
        }

        if (parsed.GetValue(App) is not null && parsed.GetValue(TokenFile) is not null)
        {
            yield return "--github-app and --github-token-file: give one of them.";
        }

        if (!Enum.IsDefined(parsed.GetValue(Hypervisor)))
        {
            yield return "--hypervisor: choose virtualbox, qemu or simulated.";
        }

        if (parsed.GetValue(Port) is < 1 or > 65535)
        {
            yield return $"--port: {parsed.GetValue(Port)} is not a port; 1 to 65535 are.";
        }

        foreach (var image in parsed.GetValue(Images)!.Where(image => image.Split('=', 2) is not [var alias, { Length: > 0 }] || !VmId.TryParse(alias, out _)))
        {
            yield return $"--image: '{image}' is not ALIAS=SOURCE. An alias is {VmId.Rule}.";
        }
    }

    private static InstallationPlan Plan(ParseResult parsed, string[] names) => new()
    {
        Names = names,
        Folder = Path.GetFullPath(parsed.GetValue(Folder)!),
        Home = Path.GetFullPath(parsed.GetValue(Home)!),
        Hypervisor = parsed.GetValue(Hypervisor),
        Port = parsed.GetValue(Port),
        User = Environment.UserName != "root" ? null : parsed.GetValue(User) ?? (IsThere(ServerUser) ? ServerUser : null),
        Repository = parsed.GetValue(Repository),
        GitHubApp = parsed.GetValue(App),
        GitHubKey = parsed.GetValue(Key) is { } key ? Path.GetFullPath(key) : null,
        GitHubTokenFile = parsed.GetValue(TokenFile) is { } file ? Path.GetFullPath(file) : null,
        GitHubUrl = parsed.GetValue(Url),
        // Beside the program, as the Debian package lays it out.
        Packaged = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Environment.ProcessPath) ?? "/", "../../share/virtualbox-provisioner/server.json")),
        Images = [.. parsed.GetValue(Images)!.Select(image => image.Split('=', 2)).Select(pair => (pair[0], pair[1]))],
    };

    private static bool IsThere(string user) =>
        File.Exists("/etc/passwd") && File.ReadLines("/etc/passwd").Any(line => line.StartsWith($"{user}:", StringComparison.Ordinal));
}
