using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Server;

/// <summary>The real program, below a process named systemd, with a real socket for what it has to say to it.</summary>
public sealed class WatchdogProgramTests
{
    [Fact(Timeout = 120_000)]
    public async Task The_program_says_that_it_is_ready_and_again_and_again_that_it_is_alive()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "systemd is a Linux program.");
        var folder = Directory.CreateTempSubdirectory("watchdog-").FullName;
        using var certificate = RunningServer.MakeCertificate(folder);
        using var systemd = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        systemd.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder, "notify")));

        using (ProductProgram.StartBelow(
            Shell(folder),
            "virtualbox-server",
            new Dictionary<string, string> { ["NOTIFY_SOCKET"] = Path.Combine(folder, "notify"), ["WATCHDOG_USEC"] = "2000000", ["VBDP_LOG_LEVEL"] = "Warning" },
            "--config", Configuration(folder)))
        {
            for (var (isReady, alive) = (false, 0); !isReady || alive < 3;)
            {
                var heard = await HeardAsync(systemd);
                isReady |= heard.Contains("READY=1", StringComparison.Ordinal);
                alive += heard == "WATCHDOG=1" ? 1 : 0;
            }
        }

        Directory.Delete(folder, recursive: true);
    }

    private static async Task<string> HeardAsync(Socket systemd)
    {
        var buffer = new byte[4096];
        var length = await systemd.ReceiveAsync(buffer, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length).Trim();
    }

    /// <summary>A copy of the shell that has the name: the server looks whose child it is.</summary>
    private static string Shell(string folder)
    {
        var shell = Path.Combine(folder, "systemd");
        File.Copy("/bin/sh", shell);
        return shell;
    }

    private static string Configuration(string folder)
    {
        var path = Path.Combine(folder, "server.json");
        File.WriteAllText(path, new JsonObject
        {
            ["host"] = "127.0.0.1",
            ["port"] = 0,
            ["certFile"] = Path.Combine(folder, "cert.pem"),
            ["keyFile"] = Path.Combine(folder, "key.pem"),
            ["dataFolder"] = Path.Combine(folder, "data"),
            ["hypervisor"] = "simulated",
        }.ToJsonString());
        return path;
    }
}
