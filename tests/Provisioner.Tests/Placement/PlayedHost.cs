using Provisioner.Server.Placement;
using static Provisioner.Tests.Placement.Hosts;

namespace Provisioner.Tests.Placement;

/// <summary>A host on which VMs come, get their places and go, second by second, from a seed.</summary>
internal sealed class PlayedHost(Resources all, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<(Waiting Waiting, int Until)> _held = [];
    private readonly Dictionary<string, DateTimeOffset> _served = [];
    private int _made;

    public List<Waiting> Queue { get; } = [];

    public Dictionary<string, int> AskedAt { get; } = [];

    public Dictionary<string, int> ServedAt { get; } = [];

    public static Resources RandomNeed(Random random) => random.Next(4) switch
    {
        0 => Need(random.Next(1, 14), random.Next(1, 18000)),
        1 => Need(1, 512, $"gpu{random.Next(2)}"),
        _ => Need(random.Next(1, 3), 1024),
    };

    public void Play(int steps)
    {
        for (var second = 0; second < steps; second++)
        {
            _held.RemoveAll(one => one.Until <= second);
            Ask(second);
            var state = new QueueState(_held.Aggregate(Resources.None, (sum, one) => sum.Plus(one.Waiting.Needs)), Queue, _served);
            var decision = Placing.Decide(state, all, Noon.AddSeconds(second));
            foreach (var placed in decision.Placed)
            {
                _held.Add((placed, second + _random.Next(5, 40)));
                _served[placed.Repository] = Noon.AddSeconds(second);
                ServedAt[placed.Id.Value] = second;
                Queue.Remove(placed);
            }
        }
    }

    /// <summary>More than the host can serve, of small ones, for the first half; repositories that were never seen before among them.</summary>
    private void Ask(int second)
    {
        if (second < 250 && _random.Next(3) == 0)
        {
            var repository = _random.Next(4) == 0 ? $"new{second}" : $"{(char)('a' + _random.Next(4))}";
            var waiting = Waits($"{repository}-{_made++}", second, _random.Next(5) == 0 ? Need(1, 512, $"gpu{_random.Next(2)}") : Need(_random.Next(1, 5)));
            Queue.Add(waiting);
            AskedAt[waiting.Id.Value] = second;
        }
    }
}
