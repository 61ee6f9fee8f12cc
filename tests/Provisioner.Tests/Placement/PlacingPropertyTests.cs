using Provisioner.Server.Placement;
using static Provisioner.Tests.Placement.Hosts;

namespace Provisioner.Tests.Placement;

/// <summary>What holds for every queue: thousands of random ones, each from a seed that a failure names.</summary>
public sealed class PlacingPropertyTests
{
    private static readonly Resources Host = Of(6, 12, 16384, 100, "gpu0", "gpu1");

    [Fact]
    public void Nothing_is_sold_twice_and_nobody_is_lost()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var (state, decision) = Random(seed);
            var devices = decision.Placed.SelectMany(waiting => waiting.Needs.Devices).ToList();
            var total = decision.Placed.Aggregate(state.Held, (sum, waiting) => sum.Plus(waiting.Needs));

            Assert.True(total.Fits(Host), $"seed {seed}: {total}");
            Assert.True(devices.Distinct().Count() == devices.Count && !devices.Intersect(state.Held.Devices).Any(), $"seed {seed}");
            Assert.Equal(state.Queue.Ids().Order(), decision.Placed.Concat(decision.Waits.Select(place => place.Waiting)).Concat(decision.Impossible).Ids().Order());
            Assert.Equal(Enumerable.Range(1, decision.Waits.Count), decision.Waits.Select(place => place.Position));
        }
    }

    [Fact]
    public void The_order_of_the_rows_changes_nothing()
    {
        for (var seed = 0; seed < 1000; seed++)
        {
            var (state, decision) = Random(seed);
            var again = Placing.Decide(state with { Queue = [.. state.Queue.Reverse()] }, Host, Noon.AddSeconds(100));

            Assert.Equal(decision.Placed.Ids(), again.Placed.Ids());
            Assert.Equal(decision.Waits, again.Waits);
        }
    }

    [Fact]
    public void Who_is_placed_leaves_room_for_all_that_an_earlier_one_of_its_repository_needs_of_the_same()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var (state, decision) = Random(seed);
            var free = decision.Placed.Aggregate(Host.Minus(state.Held), (sum, waiting) => sum.Minus(waiting.Needs));
            foreach (var placed in decision.Placed)
            {
                var earlier = decision.Waits.Select(place => place.Waiting)
                    .Where(waiting => waiting.Repository == placed.Repository && (waiting.Since, waiting.Id.Value).CompareTo((placed.Since, placed.Id.Value)) < 0)
                    .OrderBy(waiting => waiting.Since).ThenBy(waiting => waiting.Id.Value, StringComparer.Ordinal).FirstOrDefault();
                Assert.True(earlier is null || (earlier.Needs with { Devices = [] }).Fits(Sum(free, decision, placed, earlier)), $"seed {seed}: {placed.Id} before {earlier?.Id}");
            }
        }
    }

    [Fact]
    public void Nobody_waits_for_ever_and_nobody_is_served_much_more_than_others()
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var host = new PlayedHost(Host, seed);
            var large = Waits("large-1", 20, Need(cpus: 12, memory: 16384));
            host.Queue.Add(large);

            host.Play(steps: 600);

            Assert.True(host.ServedAt.ContainsKey(large.Id.Value), $"seed {seed}: the large one was never served");
            foreach (var (id, since) in host.AskedAt.Where(asked => asked.Value < 300))
            {
                Assert.True(host.ServedAt.ContainsKey(id), $"seed {seed}: {id}, asked for at {since}, was never served");
            }
        }
    }

    // What else was placed after an earlier one was passed by may be of other repositories, whom it does not bind yet.
    private static Resources Sum(Resources free, Decision decision, Waiting placed, Waiting earlier) => decision.Placed
        .SkipWhile(waiting => waiting != placed).Skip(1).Where(waiting => waiting.Repository != earlier.Repository)
        .Aggregate(free, (sum, waiting) => sum.Plus(waiting.Needs));

    private static (QueueState State, Decision Decision) Random(int seed)
    {
        var random = new Random(seed);
        var held = Enumerable.Range(0, random.Next(4)).Aggregate(Resources.None, (sum, _) => sum.Plus(Need(random.Next(1, 4), random.Next(1, 5000))));
        var queue = Enumerable.Range(0, random.Next(1, 25)).Select(n => Waits($"{(char)('a' + random.Next(5))}-{n}", random.Next(100), PlayedHost.RandomNeed(random))).ToList();
        var served = Enumerable.Range(0, 5).Where(_ => random.Next(2) == 0).ToDictionary(n => $"acme/{(char)('a' + n)}", _ => Noon.AddSeconds(random.Next(100)));
        var state = new QueueState(held, queue, served);
        return (state, Placing.Decide(state, Host, Noon.AddSeconds(100)));
    }
}
