using System.Net;
using Provisioner.Server.Configuration;
using Provisioner.Server.Tls;

namespace Provisioner.Tests.Limits;

/// <summary>Who has to leave when no more connections may be.</summary>
public sealed class OpenConnectionsTests
{
    private static readonly IPAddress Crowd = IPAddress.Parse("192.0.2.1"), Other = IPAddress.Parse("192.0.2.2");

    private readonly OpenConnections _connections = new(new LimitOptions { Connections = 6, ConnectionsPerAddress = 4 });
    private readonly List<string> _aborted = [];

    [Fact]
    public void An_address_that_has_as_many_as_it_may_loses_its_oldest_and_no_other_does()
    {
        Open(Other, "other");
        for (var number = 1; number <= 6; number++)
        {
            Assert.NotNull(Open(Crowd, $"crowd {number}"));
        }

        Assert.Equal(["crowd 1", "crowd 2"], _aborted);
        Assert.Equal(5, _connections.Count);
    }

    [Fact]
    public void When_all_places_are_taken_the_address_with_most_idle_ones_makes_room()
    {
        Open(Other, "other 1");
        Open(Other, "other 2");
        for (var number = 1; number <= 4; number++)
        {
            Open(Crowd, $"crowd {number}");
        }

        Assert.NotNull(Open(IPAddress.Parse("192.0.2.3"), "honest"));

        Assert.Equal(["crowd 1"], _aborted);
        Assert.Equal(6, _connections.Count);
    }

    [Fact]
    public void One_on_which_nobody_is_let_in_any_more_makes_room_again()
    {
        var revoked = Open(Crowd, "crowd 1")!;
        revoked.Admit();
        revoked.Withdraw();
        for (var number = 2; number <= 5; number++)
        {
            Open(Crowd, $"crowd {number}")?.Admit();
        }

        Assert.Equal(["crowd 1"], _aborted);
    }

    [Fact]
    public void One_on_which_a_caller_was_let_in_stays_and_where_all_are_such_a_new_one_is_refused()
    {
        for (var number = 1; number <= 4; number++)
        {
            Open(Crowd, $"crowd {number}")!.Admit();
        }

        Assert.Null(Open(Crowd, "one more"));
        Open(Other, "other 1")!.Admit();
        Open(Other, "other 2")!.Admit();
        Assert.Null(Open(Other, "one more"));
        Assert.Empty(_aborted);
    }

    [Fact]
    public void One_that_is_closed_makes_room_once()
    {
        var first = Open(Crowd, "crowd 1")!;
        first.Admit();
        _connections.Close(first);
        _connections.Close(first);

        Assert.Equal(0, _connections.Count);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    public void A_network_counts_as_one_where_whoever_has_one_address_has_them_all(string address, string counted) =>
        Assert.Equal(IPAddress.Parse(counted), OpenConnections.Network(IPAddress.Parse(address)));

    private OpenConnection? Open(IPAddress address, string name) => _connections.Open(address, () => _aborted.Add(name));
}
