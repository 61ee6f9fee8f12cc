namespace Provisioner.Benchmarks;

/// <summary>What is measured, how often, and with which programs.</summary>
internal sealed record Options
{
    /// <summary>A folder of our own; the script that made it removes it.</summary>
    public required string Work { get; init; }

    /// <summary>The real VBoxManage.</summary>
    public required string VBoxManage { get; init; }

    public required string Repository { get; init; }

    /// <summary>The page that the table goes into.</summary>
    public required string Page { get; init; }

    /// <summary>Where the figures go as JSON.</summary>
    public string Results => Path.Combine(Repository, "artifacts", "benchmarks");

    /// <summary>Far too few and too small to mean anything: shows only that everything works.</summary>
    public bool Quick { get; init; }

    /// <summary>How many VMs live and die in the hunt for stalls.</summary>
    public int Lives { get; init; }

    /// <summary>Names of the parts to run; all when empty.</summary>
    public IReadOnlyList<string> Parts { get; init; } = [];

    public int Rounds => Quick ? 2 : 25;

    public int Batches => Quick ? 1 : 6;

    public int Starts => Quick ? 2 : 20;

    public int FullClones => Quick ? 1 : 5;

    public int SmallCrowd => Quick ? 6 : 10;

    public int LargeCrowd => Quick ? 12 : 200;

    public long SmallImage => (Quick ? 8L : 300) * 1024 * 1024;

    public long LargeImage => Quick ? 32L * 1024 * 1024 : 1536L * 1024 * 1024;

    public TimeSpan Load => TimeSpan.FromSeconds(Quick ? 1 : 5);

    public TimeSpan Idle => TimeSpan.FromSeconds(Quick ? 3 : 60);

    public string Program(string name) => Path.Combine(Repository, "artifacts", "publish", name, name);

    public static Options Parse(IReadOnlyList<string> arguments)
    {
        var given = arguments.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);
        var quick = given.ContainsKey("--quick");
        return new Options
        {
            Work = given["--work"],
            VBoxManage = given["--vboxmanage"],
            Repository = given["--repository"],
            Page = given["--page"],
            Quick = quick,
            Lives = given.TryGetValue("--lives", out var lives) ? int.Parse(lives, null) : quick ? 4 : 1000,
            Parts = given.TryGetValue("--parts", out var parts) ? parts.Split(',') : [],
        };
    }
}
