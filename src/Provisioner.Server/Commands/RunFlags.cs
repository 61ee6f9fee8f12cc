using System.CommandLine;

namespace Provisioner.Server.Commands;

/// <summary>The options of the server itself, among them those of the original program.</summary>
internal sealed class RunFlags
{
    private readonly Option<string> _host = new("--host") { Description = "IP address to listen on [default: 0.0.0.0]", HelpName = "ADDRESS" };
    private readonly Option<string> _port = new("--port") { Description = "Port to listen on, 0 for a free one [default: 8080]", HelpName = "PORT" };
    private readonly Option<string> _cert = new("--cert-file") { Description = "PEM file with the certificate and its chain", HelpName = "FILE" };
    private readonly Option<string> _key = new("--key-file") { Description = "PEM file with the certificate's key", HelpName = "FILE" };
    private readonly Option<string> _token = new("--token")
    {
        Description = "GitHub token. Every user of this machine can read it in the list of processes: prefer gitHub.tokenFile",
        HelpName = "TOKEN",
    };

    private readonly Option<string> _data = new("--data-folder") { Description = "Folder of the database [default: /var/lib/virtualbox-server]", HelpName = "FOLDER" };
    private readonly Option<bool> _simulate = new("--simulate") { Description = "Simulate the machines: try everything without a hypervisor" };

    public Option<FileInfo?> Config { get; } = new("--config") { Description = "Configuration file", HelpName = "FILE", Recursive = true };

    /// <summary>The Go version's flags had one dash: <c>-host</c>, <c>-cert-file=FILE</c>.</summary>
    public static string[] WithTwoDashes(string[] args) =>
        [.. args.Select(arg => arg.Split('=')[0] is "-host" or "-port" or "-cert-file" or "-key-file" or "-token" ? $"-{arg}" : arg)];

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Config, _host, _port, _cert, _key, _token, _data, _simulate })
        {
            command.Add(option);
        }
    }

    public RunSettings Read(ParseResult parsed)
    {
        var flags = new Dictionary<string, string>();
        foreach (var (key, option) in new[]
        {
            ("host", _host), ("port", _port), ("certFile", _cert), ("keyFile", _key), ("gitHub.token", _token), ("dataFolder", _data),
        })
        {
            if (parsed.GetValue(option) is { Length: > 0 } value)
            {
                flags[key] = value;
            }
        }

        if (parsed.GetValue(_simulate))
        {
            flags["hypervisor"] = "simulated";
        }

        return new RunSettings(parsed.GetValue(Config)?.FullName, flags);
    }
}
