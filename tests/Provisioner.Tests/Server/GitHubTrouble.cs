using Provisioner.Contracts;
using Provisioner.GitHubSimulator.Faults;

namespace Provisioner.Tests.Server;

/// <summary>One way in which GitHub fails, and what becomes of a VM that waits for its registration meanwhile.</summary>
/// <param name="Name">As in the page's table.</param>
/// <param name="Begin">Makes it happen.</param>
/// <param name="Failure">The code with which the waiting VM ends; null where it gets its runner all the same.</param>
/// <param name="AtLeast">How long is watched in any case.</param>
internal sealed record GitHubTrouble(string Name, Action<GitHubStage> Begin, string? Failure = null, TimeSpan AtLeast = default)
{
    private const string Secondary = """{"message":"You have exceeded a secondary rate limit. Please wait a few minutes."}""";

    public static IReadOnlyList<GitHubTrouble> All { get; } =
    [
        new("429 with Retry-After", Faults(new Fault { Status = 429, Headers = After("60"), Times = 4 })),
        new("secondary limit", Faults(new Fault { Status = 403, Body = Secondary, Times = 3 })),
        new("hour's calls used up", stage => stage.GitHub.Faults.Add(Spent(stage)), ProblemCode.GitHubRateLimited),
        new("burst of 500", Faults(new Fault { Status = 500, Times = 25 })),
        new("outage of 30 minutes", Faults(new Fault { Drop = true, ForSeconds = 1800 }), ProblemCode.GitHubUnavailable, TimeSpan.FromMinutes(31)),
        new("truncated JSON", Faults(new Fault { Truncate = true, Times = 6 })),
        new("hang", Faults(new Fault { DelaySeconds = 100_000, Times = 5 })),
        new("lost reply to the registration", Faults(new Fault { Path = "generate-jitconfig", LoseReply = true })),
        new("lost replies to everything", Faults(new Fault { LoseReply = true, Times = 6 })),
        new("busy runner hidden from the list for 3 minutes", stage => stage.GitHub.Board.Hide(stage.RunnerOf("busy").Id, TimeSpan.FromMinutes(3)), AtLeast: TimeSpan.FromMinutes(8)),
    ];

    public override string ToString() => Name;

    private static Action<GitHubStage> Faults(Fault fault) => stage => stage.GitHub.Faults.Add(fault);

    private static Dictionary<string, string> After(string seconds) => new() { ["Retry-After"] = seconds };

    private static Fault Spent(GitHubStage stage) => new()
    {
        Status = 403,
        Times = 2,
        Headers = new Dictionary<string, string>
        {
            ["x-ratelimit-remaining"] = "0",
            ["x-ratelimit-reset"] = $"{stage.Time.GetUtcNow().AddMinutes(20).ToUnixTimeSeconds()}",
        },
    };
}
