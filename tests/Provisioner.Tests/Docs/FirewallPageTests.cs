using Provisioner.Tests.Architecture;

namespace Provisioner.Tests.Docs;

/// <summary>The firewall's rules of security.md are the file that ships, which <c>QemuFirewallTests</c> tries with real guests.</summary>
public sealed class FirewallPageTests
{
    private static readonly string Shipped = SourceTree.Read("packaging/nftables/virtualbox-server-guests.nft");

    [Fact]
    public void The_rules_on_the_page_are_those_that_ship() =>
        Assert.Equal(Shipped, Assert.Single(Page.Read("docs/explanation/security.md").Blocks("nft")));

    [Fact]
    public void Their_user_is_the_one_that_the_unit_runs_as()
    {
        Assert.Contains("meta skuid \"vbdp\" goto", Shipped, StringComparison.Ordinal);
        Assert.Contains("\nUser=vbdp\n", SourceTree.Read("packaging/systemd/virtualbox-server.service"), StringComparison.Ordinal);
    }
}
