using System.Diagnostics;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>
/// A host and the world around it, each a network namespace: the host with its own addresses and a route into the world, the world with neighbours,
/// a cloud's metadata and the internet. Whoever connects to <see cref="Port"/> is told where: <c>host=ADDRESS</c> or <c>world=ADDRESS</c>.
/// </summary>
internal sealed class TwoNetworks : IAsyncDisposable
{
    public const int Port = 4242;

    /// <summary>The default route of the host, and a resolver: on <see cref="ResolverPorts"/> it knows no name.</summary>
    public const string Gateway = "192.168.77.2";

    public const string Internet = "198.51.100.10";

    /// <summary>In its network, in another one, and a public one.</summary>
    public static readonly string[] OfHost = ["192.168.77.1", "10.77.0.1", "203.0.113.7"];

    /// <summary>The gateway, private networks, the metadata of a cloud and that of Azure.</summary>
    public static readonly string[] OfNeighbours = [Gateway, "172.20.0.5", "100.64.0.5", "169.254.169.254", "168.63.129.16"];

    public static readonly int[] ResolverPorts = [53, 5353];

    private readonly string host = $"vbdp-host-{Guid.NewGuid():N}"[..20];
    private readonly string world = $"vbdp-world-{Guid.NewGuid():N}"[..20];
    private readonly string folder;
    private readonly List<Process> listeners = [];

    private TwoNetworks(string folder) => this.folder = folder;

    /// <summary>The program passt, as if it were started on the host.</summary>
    public string Passt => Path.Combine(folder, "passt-of-host");

    /// <param name="folder">For a few scripts.</param>
    public static async Task<TwoNetworks> MakeAsync(string folder)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can make network namespaces.");
        foreach (var (program, package) in new[] { ("/usr/bin/passt", "passt"), ("/usr/sbin/nft", "nftables"), ("/usr/bin/socat", "socat") })
        {
            Assert.SkipUnless(File.Exists(program), $"{program} is not there (apt install {package}).");
        }

        var networks = new TwoNetworks(folder);
        try
        {
            await networks.JoinAsync();
            await networks.ListenAsync();
            Script(networks.Passt, $"exec nsenter --net=/run/netns/{networks.host} passt \"$@\"");
            return networks;
        }
        catch
        {
            await networks.DisposeAsync();
            throw;
        }
    }

    /// <summary>Has the host's firewall take rules.</summary>
    public async Task LoadAsync(string rules)
    {
        var file = Path.Combine(folder, "rules.nft");
        await File.WriteAllTextAsync(file, rules);
        // Twice, as after a change: the second time replaces the first.
        Assert.Equal("", await RunAsync("nsenter", $"--net=/run/netns/{host}", "nft", "-f", file));
        Assert.Equal("", await RunAsync("nsenter", $"--net=/run/netns/{host}", "nft", "-f", file));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var listener in listeners)
        {
            listener.Kill(entireProcessTree: true);
            await listener.WaitForExitAsync();
            listener.Dispose();
        }

        await RunAsync("ip", "netns", "delete", host);
        await RunAsync("ip", "netns", "delete", world);
    }

    private async Task JoinAsync()
    {
        var refusal = await RunAsync("ip", "netns", "add", host);
        Assert.SkipWhen(refusal.Length > 0, $"This machine makes no network namespaces: {refusal}");
        refusal = await RunAsync("nsenter", $"--net=/run/netns/{host}", "nft", "add", "table", "inet", "trial");
        Assert.SkipWhen(refusal.Length > 0, $"This machine's kernel has no nftables: {refusal}");
        string[] addresses =
        [
            .. OfHost.Select(address => $"-n {host} address add {address}/24 dev out"),
            .. OfNeighbours.Append(Internet).Select(address => $"-n {world} address add {address}/32 dev in"),
        ];
        foreach (var command in (string[])
        [
            $"netns add {world}", $"link add out netns {host} type veth peer name in netns {world}", .. addresses,
            $"-n {host} link set lo up", $"-n {host} link set out up", $"-n {world} link set lo up", $"-n {world} link set in up",
            $"-n {world} route add 192.168.77.0/24 dev in", $"-n {host} route add default via {Gateway}",
        ])
        {
            Assert.Equal("", await RunAsync("ip", command.Split(' ')));
        }
    }

    private async Task ListenAsync()
    {
        var resolver = Path.Combine(folder, "resolver");
        // Each question is its own answer, but for two bytes: there is no such name.
        Script(resolver, """
            dd bs=512 count=1 of="$0.$$" status=none
            { head -c 2 "$0.$$"; printf '\201\203'; tail -c +5 "$0.$$"; } >"$0.$$.answer"
            cat "$0.$$.answer"
            """);
        await ListenAsync(host, $"TCP4-LISTEN:{Port},fork,reuseaddr", "SYSTEM:echo host=$SOCAT_SOCKADDR");
        await ListenAsync(world, $"TCP4-LISTEN:{Port},fork,reuseaddr", "SYSTEM:echo world=$SOCAT_SOCKADDR");
        foreach (var port in ResolverPorts)
        {
            await ListenAsync(world, $"UDP4-RECVFROM:{port},fork,reuseaddr,bind={Gateway}", $"EXEC:{resolver}");
        }
    }

    private async Task ListenAsync(string network, string where, string answer)
    {
        var start = new ProcessStartInfo("nsenter", [$"--net=/run/netns/{network}", "socat", "-d", "-d", where, answer]) { RedirectStandardError = true };
        var listener = Process.Start(start)!;
        listeners.Add(listener);
        var said = new List<string>();
        var listens = new TaskCompletionSource();
        listener.ErrorDataReceived += (_, line) =>
        {
            said.Add(line.Data ?? "(the end)");
            if (line.Data is null)
            {
                listens.TrySetException(new InvalidOperationException($"socat {where} ended: {string.Join('\n', said)}"));
            }
            else if (line.Data.Contains(" listening on ", StringComparison.Ordinal) || line.Data.Contains(" receiving on ", StringComparison.Ordinal))
            {
                listens.TrySetResult();
            }
        };
        listener.BeginErrorReadLine();
        await listens.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    private static void Script(string path, string text)
    {
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Nothing, or what it complained of.</summary>
    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? "" : $"{program} {string.Join(' ', arguments)}: {error.Trim()}";
    }
}
