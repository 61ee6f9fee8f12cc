namespace Provisioner.CrashMatrix;

/// <summary>What a seed decides. The same point and seed give the same plan.</summary>
internal sealed record Plan(Point Point, int Seed)
{
    public required int Neighbours { get; init; }

    /// <summary>The point is deadly when it is reached this often.</summary>
    public required int Times { get; init; }

    /// <summary>Whether the caller chooses the id, or the server makes it from the key.</summary>
    public required bool NamesIds { get; init; }

    /// <summary>From the answer to a create to the delete, where there is one.</summary>
    public required double DeleteAfter { get; init; }

    public required bool HasJob { get; init; }

    /// <summary>Whether who was answered asks again with the same key.</summary>
    public required bool AsksAgain { get; init; }

    /// <summary>Whether who was not answered asks again with the same key.</summary>
    public required bool Insists { get; init; }

    /// <summary>Whether machines lose their power while the server is down.</summary>
    public required bool CutsPower { get; init; }

    /// <summary>Where the next server dies too, if it comes there.</summary>
    public required string? Then { get; init; }

    /// <summary>Whether a VM that runs is deleted, or is left to its job.</summary>
    public required bool DeletesAtTheEnd { get; init; }

    /// <summary>Times of the simulated host, in milliseconds.</summary>
    public required IReadOnlyList<int> Latencies { get; init; }

    public static Plan Make(Point point, int seed, IReadOnlyList<Point> points)
    {
        var index = Point.All.TakeWhile(other => other.Name != point.Name).Count();
#pragma warning disable CA5394 // repeatable is what is wanted
        var random = new Random((seed * 1000) + index);
        var neighbours = random.Next(2);
        var job = point.Way == Way.Job || (point.Way != Way.Up && random.Next(2) == 0);
        return new Plan(point, seed)
        {
            Neighbours = neighbours,
            Times = 1 + random.Next(neighbours + 1),
            NamesIds = random.Next(2) == 0,
            DeleteAfter = random.NextDouble(),
            HasJob = job,
            AsksAgain = random.Next(2) == 0,
            Insists = random.Next(4) > 0,
            CutsPower = random.Next(5) == 0,
            Then = random.Next(3) == 0 ? points[random.Next(points.Count)].Name : null,
            DeletesAtTheEnd = !job || random.Next(2) == 0,
            Latencies = [.. Enumerable.Range(0, 6).Select(_ => random.Next(80))],
        };
#pragma warning restore CA5394
    }
}
