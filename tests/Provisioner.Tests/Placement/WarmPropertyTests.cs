using Provisioner.Hypervisors;
using Provisioner.Server.Placement;
using static Provisioner.Tests.Placement.Hosts;

namespace Provisioner.Tests.Placement;

/// <summary>What holds of each decision about warm VMs, whatever host, queue and warm VMs there are.</summary>
public sealed class WarmPropertyTests
{
    private static readonly string[] Images = ["a", "b", "c"];

    [Fact]
    public void Whatever_the_host_nothing_is_given_twice_and_no_room_is_given_that_is_not_there()
    {
#pragma warning disable CA5394 // repeatable is what is wanted
        for (var seed = 0; seed < 5000; seed++)
        {
            var random = new Random(seed);
            var host = Of(count: 1 + random.Next(8), cpus: 1 + random.Next(12));
            var state = Make(random);
            Check(Placing.Decide(state, host, Noon.AddSeconds(random.Next(120))), state, host, seed);
        }
#pragma warning restore CA5394
    }

    private static void Check(Decision decision, QueueState state, Resources host, int seed)
    {
        var about = $"seed {seed}";
        var taken = decision.Taken.Select(pair => pair.Vm.Id).ToList();
        var ended = decision.Ended.Select(pair => pair.Vm.Id).ToList();
        var served = decision.Taken.Select(pair => pair.Waiting.Id).Concat(decision.Placed.Select(one => one.Id)).Concat(decision.Waits.Select(place => place.Waiting.Id)).Concat(decision.Impossible.Select(one => one.Id));
        Assert.True(taken.Concat(ended).Distinct().Count() == taken.Count + ended.Count, about);
        Assert.True(served.Order(Names).SequenceEqual(state.Queue.Select(one => one.Id).Order(Names)), about);
        Assert.All(decision.Taken, pair => Assert.True(pair.Vm is { IsReady: true, IsOn: true, IsLeaving: false } && pair.Vm.Recipe == pair.Waiting.Recipe && pair.Vm.Holds == pair.Waiting.Needs, about));
        Assert.True(decision.Waits.Count == 0 || decision.Made.Count == 0, about);
        var given = decision.Placed.Select(one => one.Needs).Concat(decision.Made.Select(one => one.Goal.Needs)).Aggregate(Resources.None, (sum, one) => sum.Plus(one));
        Assert.True(given.Fits(host.Minus(state.Held)) || given.Count == 0, about);
        // One that boots for a request that waits for it is not one too many.
        Assert.All(state.Warm.Goals, goal => Assert.True(
            decision.Waits.Count > 0 || state.Warm.Vms.Count(vm => !vm.IsLeaving && goal.IsMetBy(vm) && !taken.Contains(vm.Id) && !ended.Contains(vm.Id)) + decision.Made.Count(one => one.Goal == goal) <= goal.Count, about));
    }

    private static Comparer<VmId> Names { get; } = Comparer<VmId>.Create((one, other) => string.CompareOrdinal(one.Value, other.Value));

#pragma warning disable CA5394
    private static QueueState Make(Random random)
    {
        var goals = Images.Take(random.Next(4)).Select((image, n) => new WarmGoal(image, "now", Need(cpus: 1 + n), 1 + random.Next(4))).ToList();
        var warm = Enumerable.Range(0, random.Next(7)).Select(n => MakeWarm(random, n)).ToList();
        var queue = Enumerable.Range(0, random.Next(7)).Select(n => MakeWaiting(random, n)).ToList();
        var others = Enumerable.Range(0, random.Next(3)).Select(_ => Need(cpus: 1 + random.Next(2)));
        return State(queue) with
        {
            Held = warm.Select(vm => vm.Holds).Concat(others).Aggregate(Resources.None, (sum, one) => sum.Plus(one)),
            Warm = new WarmState(warm, goals, []),
        };
    }

    private static WarmVm MakeWarm(Random random, int number)
    {
        var image = random.Next(Images.Length);
        return new WarmVm
        {
            Id = VmId.Parse($"w-{number}"),
            Image = Images[image],
            Recipe = random.Next(5) == 0 ? "before" : "now",
            Holds = Need(cpus: 1 + image),
            Since = Noon.AddSeconds(-random.Next(100)),
            IsReady = random.Next(3) > 0,
            IsOn = random.Next(5) > 0,
            IsLeaving = random.Next(5) == 0,
        };
    }

    private static Waiting MakeWaiting(Random random, int number)
    {
        var image = random.Next(Images.Length);
        return Waits($"{(char)('a' + random.Next(3))}-{number}", number, Need(cpus: random.Next(4) == 0 ? 4 : 1 + image)) with
        {
            Image = Images[image],
            Recipe = random.Next(4) == 0 ? "with wishes" : "now",
        };
    }
#pragma warning restore CA5394
}
