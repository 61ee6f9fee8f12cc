using System.Text.Json.Nodes;

namespace Provisioner.Benchmarks;

/// <summary>Configuration, certificate, token and data of a server whose limits are in nobody's way.</summary>
internal sealed record ServerFolder(string Program, string Configuration, string Authority, string Token, string TokenFile, string Log)
{
    public static async Task<ServerFolder> MakeAsync(Options options, Host host)
    {
        var folder = Directory.CreateDirectory(Path.Combine(options.Work, "server")).FullName;
        await Child.RunAsync(options.Program("cert-generator"), ["--host", "localhost,127.0.0.1", "--org", "benchmarks", "--out", folder]);
        await File.WriteAllTextAsync(Path.Combine(folder, "github-token"), "ghp_nobody");
        var configuration = Path.Combine(folder, "server.json");
        await File.WriteAllTextAsync(configuration, Describe(folder, host).ToJsonString());
        var program = options.Program("virtualbox-server");
        var token = await Child.RunAsync(program, ["token", "create", "--config", configuration, "--name", "benchmarks", "--repository", "acme/gpu"]);
        var tokenFile = Path.Combine(folder, "api-token");
        await File.WriteAllTextAsync(tokenFile, token);
        return new ServerFolder(program, configuration, Path.Combine(folder, "ca.pem"), token.Trim(), tokenFile, Path.Combine(folder, "server.log"));
    }

    private static JsonObject Describe(string folder, Host host) => new()
    {
        ["host"] = "127.0.0.1",
        ["port"] = 0,
        ["certFile"] = Path.Combine(folder, "cert.pem"),
        ["keyFile"] = Path.Combine(folder, "key.pem"),
        ["dataFolder"] = Path.Combine(folder, "data"),
        ["hypervisor"] = "virtualbox",
        // Never asked: no guest gets as far as its registration.
        ["gitHub"] = new JsonObject { ["url"] = "http://127.0.0.1:9", ["tokenFile"] = Path.Combine(folder, "github-token") },
        ["images"] = new JsonObject
        {
            [Host.SmallImage] = new JsonObject { ["source"] = Host.SmallImage },
            [Host.LargeImage] = new JsonObject { ["source"] = Host.LargeImage },
        },
        ["capacity"] = new JsonObject { ["cpus"] = 10_000, ["memory"] = 100_000_000, ["disk"] = 1_000_000_000 },
        ["vms"] = new JsonObject { ["maxRunning"] = 1000, ["bootTimeout"] = "23:00:00" },
        ["limits"] = new JsonObject { ["connections"] = 4096, ["requestsPerSecond"] = 1_000_000, ["burst"] = 1_000_000, ["connectionsPerAddress"] = 4096, ["callerRequestsPerSecond"] = 1_000_000, ["callerBurst"] = 1_000_000 },
        ["virtualBox"] = new JsonObject
        {
            ["program"] = host.Program,
            ["machineFolder"] = host.Machines,
            ["userHome"] = host.UserHome,
            ["ipcSocketId"] = host.IpcSocketId,
            ["reserveBytes"] = 64 * 1024 * 1024,
            ["kernelDriver"] = "/dev/null",
        },
    };
}
