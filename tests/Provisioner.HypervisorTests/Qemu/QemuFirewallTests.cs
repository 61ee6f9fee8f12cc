using Provisioner.Hypervisors.Qemu;

namespace Provisioner.HypervisorTests.Qemu;

/// <summary>The rules that ship keep a guest of passt out of its host and the networks around it (threat T6), and leave it the internet and DNS.</summary>
public sealed class QemuFirewallTests : QemuFacts
{
    private const string Loopback = "127.0.0.1";

    private static readonly string Rules = File.ReadAllText(Path.Combine(TinyGuest.Repository(), "packaging", "nftables", "virtualbox-server-guests.nft"));

    // Without this one the next would prove nothing. Whether the loopback is open depends on the age of passt: Debian 12's opens it.
    [Fact(Timeout = Patience)]
    public async Task Without_the_rules_a_guest_reaches_the_host_and_its_neighbours()
    {
        await using var networks = await TwoNetworks.MakeAsync(Rig.Folder);

        var heard = await LookAroundAsync(networks, "loose", [.. TwoNetworks.OfHost, .. TwoNetworks.OfNeighbours, TwoNetworks.Internet]);

        string[] all = [.. TwoNetworks.OfHost.Select(address => $"host={address}"), .. TwoNetworks.OfNeighbours.Append(TwoNetworks.Internet).Select(address => $"world={address}"), .. TwoNetworks.ResolverPorts.Select(port => $"udp={port}")];
        Assert.Equal(all.Order(StringComparer.Ordinal), heard.Where(place => place != $"host={Loopback}"));
    }

    [Fact(Timeout = Patience)]
    public async Task With_the_rules_it_reaches_the_internet_and_the_resolver_and_nothing_else()
    {
        await using var networks = await TwoNetworks.MakeAsync(Rig.Folder);
        await networks.LoadAsync(Loadable());

        var heard = await LookAroundAsync(networks, "fenced", [TwoNetworks.Internet]);

        Assert.Equal([$"udp={TwoNetworks.ResolverPorts[0]}", $"world={TwoNetworks.Internet}"], heard);
    }

    [Fact(Timeout = Patience)]
    public async Task What_the_operator_lets_through_is_open_and_no_more()
    {
        await using var networks = await TwoNetworks.MakeAsync(Rig.Folder);
        var (example, neighbour) = ("# ip daddr 127.0.0.1 tcp dport 5432 accept", TwoNetworks.OfNeighbours[1]);
        Assert.Contains(example, Rules, StringComparison.Ordinal);
        await networks.LoadAsync(Loadable().Replace(example, $"ip daddr {neighbour} tcp dport {TwoNetworks.Port} accept", StringComparison.Ordinal));

        var heard = await LookAroundAsync(networks, "fenced", [neighbour, TwoNetworks.Internet]);

        Assert.Equal([$"udp={TwoNetworks.ResolverPorts[0]}", $"world={neighbour}", $"world={TwoNetworks.Internet}"], heard);
    }

    /// <summary>
    /// The guest is root: it gives itself an address, so that the host's is none of its own, and a way to 127.0.0.1 that leads outside. It waits where it
    /// is to be heard, and for seconds elsewhere: passt does not tell it in time that it was refused. It never ends what it says, or passt would not tell
    /// it the end of what it hears.
    /// </summary>
    private async Task<IEnumerable<string>> LookAroundAsync(TwoNetworks networks, string name, string[] open)
    {
        (Rig.Options.Network, Rig.Options.PasstProgram) = (QemuNetwork.Passt, networks.Passt);
        var hypervisor = Open();
        var id = await RunAsync(hypervisor, name);
        var doors = TwoNetworks.OfHost.Concat(TwoNetworks.OfNeighbours).Append(Loopback).Append(TwoNetworks.Internet).Select(address => $"{address}/{(open.Contains(address) ? 60 : 6)}");
        var said = await AskGuestAsync(hypervisor, id, $$"""
            ip address flush dev eth0; ip address add 192.168.77.99/32 dev eth0; ip route add {{TwoNetworks.Gateway}} dev eth0; ip route add default via {{TwoNetworks.Gateway}}
            ip address del 127.0.0.1/8 dev lo; echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet; ip route add {{Loopback}} via {{TwoNetworks.Gateway}} dev eth0
            mkfifo /tmp/never
            for door in {{string.Join(' ', doors)}}; do timeout 80 nc -w "${door#*/}" "${door%/*}" {{TwoNetworks.Port}} <>/tmp/never >>/tmp/heard; done
            for port in {{string.Join(' ', TwoNetworks.ResolverPorts)}}; do
              timeout 60 nslookup -type=a -port=$port example.org {{TwoNetworks.Gateway}} | grep -q NXDOMAIN && echo udp=$port >>/tmp/heard
            done
            phase "done: $(cat /tmp/heard | tr '\n' ' ')"
            """);
        return said.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal);
    }

    // The server of these tests is root.
    private static string Loadable()
    {
        Assert.Contains("meta skuid \"vbdp\" goto", Rules, StringComparison.Ordinal);
        return Rules.Replace("meta skuid \"vbdp\"", "meta skuid 0", StringComparison.Ordinal);
    }
}
