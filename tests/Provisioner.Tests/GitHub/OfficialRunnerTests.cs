using System.Diagnostics;
using static Provisioner.Tests.GitHub.SimulatedGitHub;

namespace Provisioner.Tests.GitHub;

/// <summary>The official runner, where somebody has brought it along: GitHub cannot be reached from tests.</summary>
public sealed class OfficialRunnerTests
{
    private const string Variable = "VBDP_TEST_RUNNER_TARBALL";

    [Fact(Timeout = 180_000)]
    public async Task The_official_runner_does_a_job_of_the_simulator()
    {
        var archive = Environment.GetEnvironmentVariable(Variable);
        Assert.SkipUnless(File.Exists(archive), $"{Variable} does not name an actions-runner-linux-x64-*.tar.gz, and tests cannot download one.");
        await using var github = await StartAsync();
        var job = github.Board.Queue(Repository.ToString(), ["vm-1"], "greet", "echo hello from $RUNNER_NAME");
        var registered = await github.Runners.RegisterAsync(Repository, "vm-1", ["vm-1"], Cancelled);
        var root = await UnpackAsync(archive!);
        var start = new ProcessStartInfo(Path.Combine(root.FullName, "run.sh"));
        start.Environment["RUNNER_ALLOW_RUNASROOT"] = "1";
        start.Environment["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1";

        await using var runner = RunnerProcess.Start(start, root, registered.EncodedJitConfig);

        await runner.PrintsAsync("Listening for Jobs");
        await runner.PrintsAsync("completed with result: Succeeded");
        Assert.Equal(0, await runner.ExitsAsync());
        Assert.Equal("success", github.Board.Job(job.Id)!.Conclusion);
        Assert.Contains("hello from vm-1", github.LogOf(job), StringComparison.Ordinal);
        Assert.Empty(github.Board.Runners(null));
    }

    private static async Task<DirectoryInfo> UnpackAsync(string archive)
    {
        var root = Directory.CreateTempSubdirectory("official-runner-");
        using var tar = Process.Start("tar", ["-xzf", archive, "-C", root.FullName]);
        await tar.WaitForExitAsync(Cancelled);
        Assert.Equal(0, tar.ExitCode);
        return root;
    }
}
