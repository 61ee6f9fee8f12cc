using System.Text.Json.Nodes;

namespace Provisioner.Benchmarks;

/// <summary>How fast the programs start, and how big they are.</summary>
internal static class StartUp
{
    private const string Part = "Start and size";

    public static async Task ServerAsync(Options options, Report report, Host host, ServerFolder folder)
    {
        var (listening, memory) = (new Samples("ms"), new Samples("MB"));
        for (var i = 0; i < options.Starts; i++)
        {
            await using var server = await Server.StartAsync(host, folder);
            listening.Add(server.Listening);
            if (i % 10 == 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System);
                memory.Add(Figures.ResidentMegabytes(server.ProcessId));
            }
        }

        report.Add(Part, "server: process start → listening (TLS)", listening.ToString(), "", "≤ 150 ms", listening.Median <= 150);
        report.Add(Part, "server: resident memory, idle, no VM, 2 s after its start", memory.ToString(), "", "≤ 50 MB", memory.Median <= 50);
    }

    public static async Task ClientAsync(Options options, Report report, Server server)
    {
        var client = options.Program("virtualbox-client");
        await HyperfineAsync(options, report, $"{client} --version", "client: start → exit, --version", 20);
        await HyperfineAsync(options, report, $"{client}", "client: start → exit, a step of the Action that is refused", 20, ("GITHUB_ACTIONS", "true"), ("INPUT_MODE", "bogus"));
        await HyperfineAsync(
            options, report, $"{client} images --server {server.Url} --ca {server.Folder.Authority} --token-file {server.Folder.TokenFile}",
            "client: start → exit, a question to the server over TLS", null);
        await HyperfineAsync(options, report, $"{options.Program("cert-generator")} --version", "cert-generator: start → exit", null);
        foreach (var program in (string[])["virtualbox-server", "virtualbox-client", "cert-generator"])
        {
            report.Add(Part, $"{program}: size of the program", $"{Samples.Show(new FileInfo(options.Program(program)).Length / 1e6)} MB");
        }
    }

    private static async Task HyperfineAsync(Options options, Report report, string command, string what, double? goal, params (string Name, string Value)[] environment)
    {
        var file = Path.Combine(options.Work, "hyperfine.json");
        string[] arguments = ["-N", "--ignore-failure", "--style", "none", "--warmup", "3", "--runs", options.Quick ? "5" : "50", "--export-json", file, command];
        await Child.RunAsync("hyperfine", arguments, environment.ToDictionary(variable => variable.Name, variable => variable.Value));
        var samples = new Samples("ms");
        foreach (var time in JsonNode.Parse(await File.ReadAllTextAsync(file))!["results"]![0]!["times"]!.AsArray())
        {
            samples.Add((double)time! * 1000);
        }

        report.Add(Part, what, samples.ToString(), "", goal is { } limit ? $"< {limit} ms" : "", goal is { } most ? samples.Median < most : null);
    }
}
