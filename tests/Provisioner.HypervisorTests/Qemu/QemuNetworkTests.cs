using System.Net;
using System.Net.Sockets;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Qemu;

namespace Provisioner.HypervisorTests.Qemu;

public sealed class QemuNetworkTests : QemuFacts
{
    // What a guest would try: the host as QEMU presents it, as passt could, as it calls itself, and every loopback there is.
    private static readonly string[] Doors = ["10.0.2.2", "10.0.2.3", "10.0.2.4", "127.0.0.1", "10.0.2.100", "169.254.169.254"];

    [Fact(Timeout = Patience)]
    public async Task In_the_restricted_network_a_guest_reaches_its_forward_and_nothing_else()
    {
        using var open = new Greeter("open sesame");
        using var secret = new Greeter("secret");
        Rig.Options.Network = QemuNetwork.Restricted;
        Rig.Options.Forwards = [$"10.0.2.100:80=127.0.0.1:{open.Port}"];
        var hypervisor = Open();
        var id = await RunAsync(hypervisor, "fenced");

        // Three at once: each connection must have a process of its own.
        var said = await AskGuestAsync(hypervisor, id, $"""
            for i in 1 2 3; do nc -w 20 10.0.2.100 80 </dev/null >/tmp/$i & done; wait %2 %3 %4
            for door in {string.Join(' ', Doors)}; do nc -w 2 $door {secret.Port} </dev/null >>/tmp/leak 2>/dev/null; done
            phase "done: $(cat /tmp/1 /tmp/2 /tmp/3) leak=$(cat /tmp/leak)"
            """);

        Assert.Equal("open sesameopen sesameopen sesame leak=", said);
        Assert.Equal(0, secret.Greeted);
        await hypervisor.EnsureGoneAsync(id, Token);
        Assert.DoesNotContain(CommandLines(), line => line.Contains($"TCP4:127.0.0.1:{open.Port}", StringComparison.Ordinal));
    }

    [Fact(Timeout = Patience)]
    public async Task Through_passt_a_guest_gets_an_address_and_does_not_reach_the_hosts_loopback()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/passt"), "passt is not installed (apt install passt).");
        using var secret = new Greeter("secret");
        Rig.Options.Network = QemuNetwork.Passt;
        var hypervisor = Open();
        var id = await RunAsync(hypervisor, "outward");

        var said = await AskGuestAsync(hypervisor, id, $$"""
            printf '#!/bin/sh\n[ "$1" = bound ] && echo "$router" >/tmp/router && ip address flush dev eth0 && ip address add "$ip/24" dev eth0 && ip route add default via "$router"' >/tmp/bound
            chmod +x /tmp/bound
            udhcpc -i eth0 -n -q -s /tmp/bound
            for door in $(cat /tmp/router) {{string.Join(' ', Doors)}}; do nc -w 2 $door {{secret.Port}} </dev/null >>/tmp/leak 2>/dev/null; done
            phase "done: router=$(cat /tmp/router) leak=$(grep -c secret /tmp/leak)"
            """);

        Assert.Matches(@"^router=\d+\.\d+\.\d+\.\d+ leak=0$", said);
        Assert.Equal(0, secret.Greeted);
    }

    // A guest with routes of its own was heard by what listens on the host's ::1; without IPv6 there is no way there.
    [Fact]
    public void Passt_is_told_to_keep_the_hosts_loopback_to_itself() =>
        Assert.Superset(new HashSet<string>(["--no-map-gw", "--ipv4-only"]), Passt.Arguments(new MachineFolder("/machines", VmId.Parse("one"))).ToHashSet());

    [Fact(Timeout = Patience)]
    public async Task Without_a_network_a_guest_has_only_its_own_loopback()
    {
        Rig.Options.Network = QemuNetwork.None;
        var hypervisor = Open();
        var id = await RunAsync(hypervisor, "hermit");

        Assert.Equal("lo", await AskGuestAsync(hypervisor, id, "phase \"done: $(ls /sys/class/net)\""));
    }

    private static IEnumerable<string> CommandLines()
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => File.Exists(folder + "/cmdline")))
        {
            string line;
            try
            {
                line = File.ReadAllText(process + "/cmdline");
            }
            catch (IOException)
            {
                continue; // It has ended meanwhile.
            }

            yield return line;
        }
    }

    /// <summary>Says its line to everybody who connects on the host's loopback, and counts them.</summary>
    private sealed class Greeter : IDisposable
    {
        private readonly TcpListener listener = new(IPAddress.Loopback, 0);
        private readonly byte[] greeting;
        private int greeted;

        public Greeter(string greeting)
        {
            this.greeting = System.Text.Encoding.UTF8.GetBytes(greeting);
            listener.Start();
            listener.BeginAcceptSocket(Greet, null);
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public int Greeted => greeted;

        public void Dispose() => listener.Dispose();

        private void Greet(IAsyncResult result)
        {
            try
            {
                using var socket = listener.EndAcceptSocket(result);
                Interlocked.Increment(ref greeted);
                socket.Send(greeting);
                listener.BeginAcceptSocket(Greet, null);
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException or InvalidOperationException)
            {
                // The test is over. Thrown on, it would end all tests.
            }
        }
    }
}
