using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Vms;
using Provisioner.Tests.Docs;

namespace Provisioner.Tests.Server;

/// <summary>
/// One table: for each way in which GitHub fails, what becomes of a VM that waits for its registration, of one that works, of one that
/// is to go, and of GitHub's limits. The page docs/explanation/when-github-fails.md tells the same.
/// </summary>
public sealed class GitHubTroubleTests
{
    private const int Patience = 240_000;

    public static TheoryData<string> Troubles => [.. GitHubTrouble.All.Select(trouble => trouble.Name)];

    [Theory(Timeout = Patience)]
    [MemberData(nameof(Troubles))]
    public async Task Whatever_GitHub_does_no_vm_is_killed_early_no_removal_is_lost_and_its_limits_are_kept(string name)
    {
        var trouble = GitHubTrouble.All.Single(trouble => trouble.Name == name);
        await using var stage = await GitHubStage.StartAsync();
        await stage.AddBusyAsync("busy");
        await stage.AddOnlineAsync("unwanted");
        await stage.AddWaitingAsync("waiting");
        stage.Unwant("unwanted");
        stage.GitHub.Seen.Clear();
        trouble.Begin(stage);
        var began = stage.Time.GetUtcNow();

        await stage.RunAsync(TimeSpan.FromHours(1), () => AssertUnharmed(stage) && IsSettled(stage) && stage.Time.GetUtcNow() - began >= trouble.AtLeast);

        Assert.True(await stage.HasMachineAsync("busy"));
        Assert.Equal(VmPhase.Gone, stage.Find("unwanted").Phase);
        Assert.False(await stage.HasMachineAsync("unwanted"));
        Assert.Equal(trouble.Failure, stage.Find("waiting").Failure?.Code);
        Assert.Equal(trouble.Failure is null, await stage.HasMachineAsync("waiting"));
        Assert.Equal(
            trouble.Failure is null ? ["busy", "waiting"] : ["busy"],
            stage.GitHub.Board.Runners(null).Select(runner => runner.Name));
        stage.AssertWithinLimits();
    }

    [Theory(Timeout = Patience)]
    [InlineData(503, 20)]
    [InlineData(401, 50)]
    public async Task Half_an_hour_that_meets_many_removals_keeps_all_of_them_and_is_not_made_worse(int status, int removals)
    {
        await using var stage = await GitHubStage.StartAsync();
        for (var number = 1; number <= removals; number++)
        {
            await stage.AddOnlineAsync($"vm-{number}");
            stage.Unwant($"vm-{number}");
        }

        stage.GitHub.Seen.Clear();
        stage.GitHub.Faults.Add(new() { Status = status, ForSeconds = 1800 });
        await stage.RunAsync(TimeSpan.FromMinutes(2));
        Assert.All(stage.Vms.Live(), vm => Assert.Equal(Registration.Deferred, vm.Registration));
        Assert.False(await stage.HasMachineAsync($"vm-{removals}"));

        await stage.RunAsync(TimeSpan.FromHours(1), () => stage.Vms.Live().Count == 0);

        Assert.Empty(stage.Vms.Live());
        Assert.Empty(stage.GitHub.Board.Runners(null));
        stage.AssertWithinLimits();
        Assert.InRange(stage.GitHub.Seen.Log().Count, 2 * removals, 5000); // what a token may ask in an hour
    }

    [Fact]
    public void The_page_tells_of_each_of_them()
    {
        var page = Page.Read("docs/explanation/when-github-fails.md").Text;

        Assert.All(GitHubTrouble.All, trouble => Assert.Contains($"| {trouble.Name} |", page, StringComparison.Ordinal));
    }

    /// <summary>The guest of a VM that got its registration comes online and takes a job.</summary>
    private static bool IsSettled(GitHubStage stage)
    {
        if (stage.Find("waiting") is { ConfiguredAt: not null, OnlineAt: null, Wanted: Wanted.Present })
        {
            stage.Report("waiting", GuestPhase.Online);
            stage.Report("waiting", GuestPhase.Busy);
        }

        return stage.Find("waiting") is { BusyAt: not null } or { Phase: VmPhase.Gone } && stage.Find("unwanted").Phase == VmPhase.Gone;
    }

    private static bool AssertUnharmed(GitHubStage stage)
    {
        Assert.Equal((Wanted.Present, VmPhase.Busy), (stage.Find("busy").Wanted, stage.Find("busy").Phase));
        return true;
    }
}
