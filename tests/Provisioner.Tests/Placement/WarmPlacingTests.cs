using Provisioner.Hypervisors;
using Provisioner.Server.Placement;
using static Provisioner.Tests.Placement.Hosts;

namespace Provisioner.Tests.Placement;

/// <summary>What placing does where machines are kept warm.</summary>
public sealed class WarmPlacingTests
{
    private static readonly DateTimeOffset Soon = Noon.AddSeconds(30);

    [Fact]
    public void A_request_takes_a_warm_vm_of_its_image_also_on_a_full_host()
    {
        var decision = Decide(Of(count: 1), [Warm("w-1")], [Goal(1)], Asks("a-1"));

        Assert.Equal(["a-1 takes w-1"], Taken(decision));
        Assert.Empty(decision.Placed);
        Assert.Empty(decision.Waits);
        Assert.Empty(decision.Ended);
    }

    [Fact]
    public void Each_warm_vm_is_taken_by_one_and_the_oldest_first()
    {
        var decision = Decide(Of(count: 3), [Warm("w-1") with { Since = Noon.AddSeconds(9) }, Warm("w-2")], [Goal(2)], Asks("a-1"), Asks("b-1", 1), Asks("c-1", 2));

        Assert.Equal(["a-1 takes w-2", "b-1 takes w-1"], Taken(decision));
        Assert.Equal(["c-1"], decision.Placed.Ids());
    }

    [Fact]
    public void Who_wishes_something_else_gets_a_place_of_its_own()
    {
        var decision = Decide(
            Of(count: 9), [Warm("w-1")], [Goal(1)],
            Asks("a-1") with { Recipe = "debian, 4 CPUs" }, Asks("b-1") with { Needs = Need(cpus: 2) }, Asks("c-1") with { Image = "other" });

        Assert.Empty(decision.Taken);
        Assert.Equal(["a-1", "b-1", "c-1"], decision.Placed.Ids());
    }

    [Fact]
    public void One_that_boots_or_does_not_run_any_more_is_taken_by_nobody()
    {
        var decision = Decide(Of(count: 9), [Warm("w-1") with { IsReady = false }, Warm("w-2") with { IsOn = false }], [Goal(2)], Asks("a-1"));

        Assert.Empty(decision.Taken);
        Assert.Equal(["a-1"], decision.Placed.Ids());
    }

    [Fact]
    public void A_request_that_would_have_to_wait_has_a_warm_vm_of_another_image_make_room()
    {
        var decision = Decide(Of(count: 1), [Warm("w-1")], [Goal(1)], Asks("a-1") with { Image = "other", Recipe = null });

        Assert.Equal(["w-1: Makes room for a-1, which waits."], Ended(decision));
        Assert.Equal("Waits as number 1 of 1: a warm VM makes room for it.", Assert.Single(decision.Waits).Reason);
        Assert.Empty(decision.Made);
    }

    [Fact]
    public void No_more_go_than_give_it_room_and_none_while_one_is_going_for_it()
    {
        WarmVm[] warm = [Warm("w-1", Need(cpus: 1)), Warm("w-2", Need(cpus: 4)) with { Image = "large" }, Warm("w-3", Need(cpus: 1))];
        WarmGoal[] goals = [Goal(2), new("large", "debian", Need(cpus: 4), 1)];
        var asks = Asks("a-1") with { Image = "other", Recipe = null, Needs = Need(cpus: 3) };

        Assert.Equal(["w-2: Makes room for a-1, which waits."], Ended(Decide(Of(count: 9, cpus: 6), warm, goals, asks)));

        warm[1] = warm[1] with { IsLeaving = true };
        var next = Decide(Of(count: 9, cpus: 6), warm, goals, asks);
        Assert.Empty(next.Ended);
        Assert.Equal("a warm VM makes room for it", Assert.Single(next.Waits).Lack);

        var second = Decide(Of(count: 9, cpus: 6), warm, goals, asks, Asks("b-1", 1) with { Image = "other", Recipe = null, Needs = Need(cpus: 2) });
        Assert.Equal(["w-1: Makes room for b-1, which waits."], Ended(second));
    }

    [Fact]
    public void None_go_where_all_of_them_would_not_be_enough()
    {
        var state = State(Asks("a-1") with { Image = "other", Recipe = null, Needs = Need(cpus: 4) }) with
        {
            Held = Need(cpus: 3).Plus(Need(cpus: 1)),
            Warm = new WarmState([Warm("w-1")], [Goal(1)], []),
        };

        var decision = Placing.Decide(state, Of(count: 9, cpus: 4), Soon);

        Assert.Empty(decision.Ended);
        Assert.Equal("it needs 4 of this host's 4 CPUs, and fewer are free", Assert.Single(decision.Waits).Lack);
    }

    [Fact]
    public void Who_would_have_to_wait_waits_for_one_that_boots_rather_than_boot_another()
    {
        var decision = Decide(Of(count: 1), [Warm("w-1") with { IsReady = false }], [Goal(1)], Asks("a-1"));

        Assert.Empty(decision.Ended);
        Assert.Equal("Waits as number 1 of 1: a warm VM of its image boots, and is for it.", Assert.Single(decision.Waits).Reason);
    }

    [Fact]
    public void What_is_lacking_is_made_in_the_room_that_is_free_two_at_a_time()
    {
        Assert.Equal(2, Decide(Of(count: 9), [], [Goal(5)]).Made.Count);
        Assert.Single(Decide(Of(count: 9), [Warm("w-1"), Warm("w-2") with { IsReady = false }], [Goal(5)]).Made);
        Assert.Single(Decide(Of(count: 1), [], [Goal(5)]).Made);
        Assert.Empty(Decide(Of(count: 1), [Warm("w-1")], [Goal(5)]).Made);
        Assert.Empty(Decide(Of(count: 9), [Warm("w-1")], [Goal(1)]).Made);
    }

    [Fact]
    public void None_is_made_while_anybody_waits()
    {
        Assert.Empty(Decide(Of(count: 9, devices: "gpu0"), [], [Goal(1)], Asks("a-1") with { Needs = Need(devices: "gpu0") }, Asks("b-1", 1) with { Needs = Need(devices: "gpu0") }).Made);
        Assert.Single(Decide(Of(count: 9), [], [Goal(1)], Asks("a-1")).Made);
    }

    [Fact]
    public void None_is_made_while_who_took_one_is_on_its_way_to_be_online()
    {
        Assert.Empty(Decide(Of(count: 9), [Warm("w-1")], [Goal(1)], Asks("a-1")).Made);
        Assert.Empty(Placing.Decide(State() with { Warm = new WarmState([], [Goal(1)], []) { IsHurried = true } }, Of(count: 9), Soon).Made);
    }

    [Fact]
    public void One_that_was_made_from_what_the_image_is_no_more_goes_and_is_replaced()
    {
        foreach (var old in new[] { Warm("w-1") with { Recipe = "debian of yesterday" }, Warm("w-1") with { Holds = Need(cpus: 2) } })
        {
            var decision = Decide(Of(count: 9), [old], [Goal(1)], Asks("a-1") with { Recipe = old.Recipe, Needs = old.Holds });

            Assert.Equal(["w-1: The image debian has changed, or is not kept warm any more."], Ended(decision));
            Assert.Empty(decision.Taken);
            Assert.Single(decision.Made);
        }
    }

    [Fact]
    public void All_go_when_the_image_is_not_kept_warm_any_more_and_some_when_fewer_are()
    {
        WarmVm[] warm = [Warm("w-1"), Warm("w-2"), Warm("w-3") with { IsReady = false }];

        Assert.Equal(3, Decide(Of(count: 9), warm, []).Ended.Count);
        Assert.Equal(
            ["w-3: Fewer VMs of the image debian are kept warm now.", "w-1: Fewer VMs of the image debian are kept warm now."],
            Ended(Decide(Of(count: 9), warm, [Goal(1)])));
    }

    [Fact]
    public void After_failures_one_is_made_at_a_time_and_each_waits_longer()
    {
        WarmFailure Failed(int second) => new("debian", "debian", Noon.AddSeconds(second), "No disk.");
        Decision After(DateTimeOffset now, params WarmFailure[] failures) =>
            Placing.Decide(State() with { Warm = new WarmState([], [Goal(5)], failures) }, Of(count: 9), now);

        Assert.Empty(After(Noon.AddSeconds(14), Failed(0)).Made);
        Assert.Single(After(Noon.AddSeconds(15), Failed(0)).Made);
        Assert.Empty(After(Noon.AddSeconds(15), Failed(0), Failed(-30)).Made);
        Assert.Single(After(Noon.AddSeconds(30), Failed(0), Failed(-30)).Made);
        Assert.Empty(After(Noon.AddMinutes(9), [.. Enumerable.Range(0, 20).Select(_ => Failed(0))]).Made);
        Assert.Single(After(Noon.AddMinutes(10), [.. Enumerable.Range(0, 20).Select(_ => Failed(0))]).Made);
        Assert.Empty(After(Noon.AddHours(1), Failed(0) with { Ended = null }).Made);
        Assert.Equal(2, After(Noon.AddSeconds(1), Failed(0) with { Recipe = "debian of yesterday" }).Made.Count);
    }

    private static Decision Decide(Resources host, WarmVm[] warm, WarmGoal[] goals, params Waiting[] queue) => Placing.Decide(
        State(queue) with
        {
            Held = warm.Aggregate(Resources.None, (sum, vm) => sum.Plus(vm.Holds)),
            Warm = new WarmState(warm, goals, []),
        },
        host,
        Soon);

    private static WarmVm Warm(string id, Resources? holds = null) => new()
    {
        Id = VmId.Parse(id), Image = "debian", Recipe = "debian", Holds = holds ?? Need(), Since = Noon, IsReady = true, IsOn = true,
    };

    private static WarmGoal Goal(int count) => new("debian", "debian", Need(), count);

    private static Waiting Asks(string id, double second = 0) => Waits(id, second) with { Image = "debian", Recipe = "debian" };

    private static IEnumerable<string> Taken(Decision decision) => decision.Taken.Select(taken => $"{taken.Waiting.Id} takes {taken.Vm.Id}");

    private static IEnumerable<string> Ended(Decision decision) => decision.Ended.Select(ended => $"{ended.Vm.Id}: {ended.Reason}");
}
