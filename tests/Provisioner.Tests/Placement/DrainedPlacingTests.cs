using Provisioner.Hypervisors;
using Provisioner.Server.Placement;
using static Provisioner.Tests.Placement.Hosts;

namespace Provisioner.Tests.Placement;

/// <summary>What placing does on a host that an operator drains.</summary>
public sealed class DrainedPlacingTests
{
    private static readonly DateTimeOffset Soon = Noon.AddSeconds(30);

    [Fact]
    public void Nobody_gets_a_place_and_all_are_told_why_in_the_order_of_their_turns()
    {
        var decision = Decide([], Waits("a-1", 0), Waits("a-2", 1), Waits("b-1", 2));

        Assert.Empty(decision.Placed);
        Assert.Equal(["a-1", "b-1", "a-2"], decision.Waits.Select(place => place.Waiting.Id.Value));
        Assert.Equal("Waits as number 1 of 3: this host is being drained, and takes no new VM until it is resumed.", decision.Waits[0].Reason);
        Assert.Equal(["a-9"], Decide([], Waits("a-9", 0, Need(cpus: 99))).Impossible.Ids());
    }

    [Fact]
    public void Warm_vms_go_and_none_is_made_or_given_to_anybody()
    {
        var asks = Waits("a-1", 0) with { Image = "debian", Recipe = "debian" };

        var decision = Decide([Warm("w-1"), Warm("w-2") with { IsLeaving = true }], asks);

        Assert.Equal(["w-1: The host is being drained."], decision.Ended.Select(ended => $"{ended.Vm.Id}: {ended.Reason}"));
        Assert.Empty(decision.Taken);
        Assert.Empty(decision.Made);
        Assert.Single(decision.Waits);
    }

    private static Decision Decide(WarmVm[] warm, params Waiting[] queue) => Placing.Decide(
        State(queue) with { IsDraining = true, Warm = new WarmState(warm, [new WarmGoal("debian", "debian", Need(), 3)], []) }, Of(count: 9, cpus: 9), Soon);

    private static WarmVm Warm(string id) => new()
    {
        Id = VmId.Parse(id), Image = "debian", Recipe = "debian", Holds = Need(), Since = Noon, IsReady = true, IsOn = true,
    };
}
