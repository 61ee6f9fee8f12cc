using Provisioner.Hypervisors;
using Provisioner.Server.Placement;
using static Provisioner.Tests.Placement.Hosts;

namespace Provisioner.Tests.Placement;

/// <summary>What placing does where machines are kept switched off, with their state on the disk.</summary>
public sealed class SavedPlacingTests
{
    private static readonly DateTimeOffset Soon = Noon.AddSeconds(30);

    [Fact]
    public void A_request_takes_a_saved_vm_when_there_is_room_for_it_to_run_and_uses_that_room()
    {
        var decision = Decide(Of(count: 1), [Saved("s-1"), Saved("s-2")], [Goal(2)], Asks("a-1"), Asks("b-1", 1));

        Assert.Equal(["a-1 takes s-1"], Taken(decision));
        Assert.Equal("1 of 1 VMs of this host are in use", Assert.Single(decision.Waits).Lack);
    }

    [Fact]
    public void It_waits_like_anybody_where_the_host_is_full()
    {
        var decision = Decide(Of(count: 9, memory: 1000), [Saved("s-1")], [Goal(1)], Asks("a-1"));

        Assert.Empty(decision.Taken);
        Assert.Empty(decision.Placed);
        Assert.Empty(decision.Ended);
    }

    [Fact]
    public void One_that_runs_is_taken_before_one_that_is_saved()
    {
        WarmVm running = new() { Id = VmId.Parse("w-1"), Image = "debian", Recipe = "debian", Holds = Need(), Since = Soon, IsReady = true, IsOn = true };
        var decision = Decide(Of(count: 2), [Saved("s-1"), running], [new("debian", "debian", Need(), 1), Goal(1)], Asks("a-1"));

        Assert.Equal(["a-1 takes w-1"], Taken(decision));
    }

    [Fact]
    public void One_that_has_yet_to_be_saved_is_taken_as_it_runs_and_one_that_is_being_saved_is_waited_for()
    {
        var ready = Saved("s-1") with { IsSaved = false, Holds = Need().WithState() };

        Assert.Equal(["a-1 takes s-1"], Taken(Decide(Of(count: 1), [ready], [Goal(1)], Asks("a-1"))));

        var waits = Decide(Of(count: 1), [ready with { IsReady = false }], [Goal(1)], Asks("a-1"));
        Assert.Equal("a warm VM of its image boots, and is for it", Assert.Single(waits.Waits).Lack);
    }

    [Fact]
    public void Two_kinds_of_one_image_are_kept_and_each_counts_for_itself()
    {
        var decision = Decide(Of(count: 9), [Saved("s-1")], [new("debian", "debian", Need(), 1), Goal(2)]);

        Assert.Equal([(false, 1024), (true, 1024)], decision.Made.Select(made => (made.Goal.Saves, (int)made.Goal.Needs.Memory)));
    }

    [Fact]
    public void What_is_saved_keeps_nobody_from_the_room_and_goes_only_for_one_that_lacks_its_disk()
    {
        Assert.Equal(["a-1"], Decide(Of(count: 1), [Saved("s-1")], [Goal(1)], Others("a-1")).Placed.Ids());

        var decision = Decide(Of(count: 9, disk: 1039), [Saved("s-1")], [Goal(1)], Others("a-1"));
        Assert.Equal("s-1: Makes room for a-1, which waits.", Assert.Single(decision.Ended.Select(ended => $"{ended.Vm.Id}: {ended.Reason}")));
    }

    [Fact]
    public void Room_is_made_for_one_that_is_saved_to_run_and_it_stays_itself()
    {
        WarmVm other = new() { Id = VmId.Parse("w-1"), Image = "other", Recipe = "other", Holds = Need(), Since = Noon, IsReady = true, IsOn = true };
        var all = Of(count: 1, disk: 1044); // what both of them hold
        var decision = Decide(all, [Saved("s-1"), other], [Goal(1), new("other", "other", Need(), 1)], Asks("a-1"));

        Assert.Equal(["w-1"], decision.Ended.Select(ended => ended.Vm.Id.Value));
    }

    [Fact]
    public void One_that_is_off_and_not_ready_is_waited_for_by_nobody()
    {
        var decision = Decide(Of(count: 9), [Saved("s-1") with { IsReady = false }], [Goal(1)], Asks("a-1"));

        Assert.Equal(["a-1"], decision.Placed.Ids());
    }

    [Fact]
    public void What_a_changed_image_or_a_smaller_number_no_longer_wants_goes()
    {
        var decision = Decide(Of(count: 9), [Saved("s-1"), Saved("s-2"), Saved("s-3") with { Recipe = "former" }], [Goal(1)]);

        Assert.Equal(
            ["s-3: The image debian has changed, or is not kept warm any more.", "s-1: Fewer VMs of the image debian are kept saved now."],
            decision.Ended.Select(ended => $"{ended.Vm.Id}: {ended.Reason}"));
    }

    private static Decision Decide(Resources all, IReadOnlyList<WarmVm> vms, IReadOnlyList<WarmGoal> goals, params IReadOnlyList<Waiting> queue)
    {
        var held = vms.Aggregate(Resources.None, (sum, vm) => sum.Plus(vm.Holds));
        return Placing.Decide(State(queue) with { Held = held, Warm = new WarmState(vms, goals, []) }, all, Soon);
    }

    private static WarmVm Saved(string id) => new()
    {
        Id = VmId.Parse(id), Image = "debian", Recipe = "debian", Holds = Need().WithState().AtRest(), Since = Noon, Saves = true, IsSaved = true, IsReady = true, IsOn = true,
    };

    private static WarmGoal Goal(int count) => new("debian", "debian", Need().WithState(), count) { Saves = true };

    private static Waiting Asks(string id, double second = 0) => Waits(id, second) with { Image = "debian", Recipe = "debian" };

    private static Waiting Others(string id) => Waits(id, 0) with { Image = "other" };

    private static IEnumerable<string> Taken(Decision decision) => decision.Taken.Select(taken => $"{taken.Waiting.Id} takes {taken.Vm.Id}");
}
