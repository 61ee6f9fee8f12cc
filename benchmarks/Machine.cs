namespace Provisioner.Benchmarks;

/// <summary>What the figures were measured on, and under which load.</summary>
internal sealed class Machine
{
    public string LoadBefore { get; } = Load();

    public static string Load() => string.Join(' ', File.ReadAllText("/proc/loadavg").Split(' ')[..3]);

    public async Task<string> DescribeAsync(Options options, Host host)
    {
        var processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
        var memory = File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        var server = await Child.RunAsync(options.Program("virtualbox-server"), ["--version"]);
        var driver = File.Exists("/dev/vboxdrv") ? "its kernel driver is there, and not used" : "without its kernel driver";
        return $"""
            - Date: {TimeProvider.System.GetUtcNow():yyyy-MM-dd}
            - Machine: {Environment.ProcessorCount} × {processor}, {long.Parse(memory, null) / 1024 / 1024} GB of memory, Linux {Environment.OSVersion.Version}, {Distribution()}
            - VirtualBox {(await host.RunAsync("--version")).Trim()}, {driver}; virtualbox-server {server.Trim()}, native, as published
            - Tools: {await FirstLineAsync("hyperfine", "--version")}; {await FirstLineAsync("wrk", "--version")}
            - Load of the machine before and after (1, 5, 15 minutes): {LoadBefore}; {Load()}
            """;
    }

    private static string Distribution() =>
        File.ReadLines("/etc/os-release").FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?.Split('"')[1] ?? "unknown distribution";

    // wrk tells its version and its usage, and calls that a failure.
    private static async Task<string> FirstLineAsync(string program, string argument) =>
        (await Child.TryRunAsync(program, [argument])).Output.Split('\n')[0].Split(" [")[0].Trim();
}
