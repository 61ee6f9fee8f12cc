using Provisioner.Server.Placement;
using static Provisioner.Tests.Placement.Hosts;

namespace Provisioner.Tests.Placement;

public sealed class PlacingTests
{
    private static readonly DateTimeOffset Soon = Noon.AddSeconds(30);
    private static readonly DateTimeOffset Later = Noon.AddMinutes(10);

    [Fact]
    public void Who_fits_gets_its_place_and_the_others_wait_with_their_position_and_the_reason()
    {
        var decision = Placing.Decide(State(Waits("a-1", 0), Waits("a-2", 1), Waits("a-3", 2)), Of(count: 1), Soon);

        Assert.Equal(["a-1"], decision.Placed.Ids());
        Assert.Equal(
            ["Waits as number 1 of 2: 1 of 1 VMs of this host are in use.", "Waits as number 2 of 2: 1 of 1 VMs of this host are in use."],
            decision.Waits.Select(place => place.Reason));
    }

    [Fact]
    public void Repositories_take_turns_however_many_one_of_them_asks_for()
    {
        var state = State([.. Enumerable.Range(1, 5).Select(n => Waits($"a-{n}", n)), Waits("b-1", 10), Waits("b-2", 11)]);

        Assert.Equal(["a-1", "b-1", "a-2", "b-2", "a-3", "a-4", "a-5"], Turns.Order(state).Ids());
    }

    [Fact]
    public void Who_was_served_last_comes_after_who_has_waited_since()
    {
        var state = State(Waits("a-1", 0), Waits("b-1", 20)) with
        {
            LastServed = new Dictionary<string, DateTimeOffset> { ["acme/a"] = Noon.AddSeconds(25) },
        };

        Assert.Equal(["b-1", "a-1"], Turns.Order(state).Ids());
    }

    [Fact]
    public void A_newcomer_does_not_come_before_one_that_has_waited_since_its_repository_was_served()
    {
        var state = State(Waits("a-1", 0), Waits("new-1", 30)) with
        {
            LastServed = new Dictionary<string, DateTimeOffset> { ["acme/a"] = Noon.AddSeconds(25) },
        };

        Assert.Equal(["a-1", "new-1"], Turns.Order(state).Ids());
    }

    [Fact]
    public void A_small_one_overtakes_a_large_one_of_another_repository_only_for_a_while()
    {
        var state = State(Waits("a-1", 0, Need(cpus: 4)), Waits("b-1", 1)) with { Held = Need(cpus: 2) };
        var host = Of(count: 9, cpus: 4);

        Assert.Equal(["b-1"], Placing.Decide(state, host, Soon).Placed.Ids());

        var decision = Placing.Decide(state, host, Later);
        Assert.Empty(decision.Placed);
        Assert.Equal("it needs 4 of this host's 4 CPUs, and fewer are free", decision.Waits[0].Lack);
        Assert.Equal("the room that is free is kept for one whose turn is before it", decision.Waits[1].Lack);
    }

    [Fact]
    public void Within_a_repository_none_overtakes_where_that_costs_the_earlier_one_anything()
    {
        var state = State(Waits("a-1", 0, Need(cpus: 4)), Waits("a-2", 1)) with { Held = Need(cpus: 2) };

        Assert.Empty(Placing.Decide(state, Of(count: 9, cpus: 4), Soon).Placed);
    }

    [Fact]
    public void Who_waits_for_a_device_holds_up_nobody_who_does_not_need_it()
    {
        var state = State(Waits("a-1", 0, Need(1, 1024, "gpu0")), Waits("a-2", 1), Waits("b-1", 2), Waits("b-2", 3, Need(1, 1024, "gpu0")));
        var decision = Placing.Decide(state with { Held = Need(1, 1024, "gpu0") }, Of(9, 3, 1_000_000, 1_000_000, "gpu0"), Later);

        Assert.Equal(["b-1"], decision.Placed.Ids()); // room for a-1 itself is left
        Assert.Equal(["a-1", "a-2", "b-2"], decision.Waits.Select(place => place.Waiting.Id.Value).Order());
        Assert.Equal("the device gpu0 is in use", decision.Waits[0].Lack);
    }

    [Fact]
    public void A_device_is_held_by_one_at_a_time()
    {
        var gpu = Need(1, 1024, "gpu0");
        var decision = Placing.Decide(State(Waits("a-1", 0, gpu), Waits("b-1", 1, gpu)), Of(9, 9, 1_000_000, 1_000_000, "gpu0"), Soon);

        Assert.Equal(["a-1"], decision.Placed.Ids());
    }

    [Fact]
    public void What_the_whole_host_has_not_is_impossible_and_holds_up_nobody()
    {
        var decision = Placing.Decide(State(Waits("a-1", 0, Need(cpus: 99)), Waits("a-2", 1)), Of(count: 4, cpus: 8), Later);

        Assert.Equal(["a-1"], decision.Impossible.Ids());
        Assert.Equal(["a-2"], decision.Placed.Ids());
    }

    [Fact]
    public void A_host_that_was_made_smaller_places_nobody_until_enough_have_gone()
    {
        var state = State(Waits("a-1", 0)) with { Held = Need().Plus(Need()).Plus(Need()) };

        var decision = Placing.Decide(state, Of(count: 2), Soon);

        Assert.Equal("3 of 2 VMs of this host are in use", Assert.Single(decision.Waits).Lack);
    }
}
