using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.CancelledSteps;

/// <summary>
/// The real client, interrupted or killed at each point. Each point is played once, and five times where VBDP_SOAK=1 asks for it; the
/// signals take turns, and every other time the runner lives on and runs the post step.
/// </summary>
public sealed class CancelTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly string[] Signals = ["INT", "TERM", "KILL"];

    [Fact(Timeout = 3_600_000)]
    public async Task A_step_that_is_interrupted_or_killed_at_any_point_leaves_nothing()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such signals; the Action runs on Linux only.");
        var times = Environment.GetEnvironmentVariable("VBDP_SOAK") == "1" ? 5 : 1;
        var plays = Enumerable.Range(0, times).SelectMany(turn => CancelPoints.All.Select((point, index) => (point, Signal: Signals[(index + turn) % 3], Post: (index + turn) % 2 == 1)));
        var failures = new ConcurrentBag<string>();
        var (clean, late) = (0, 0);

        // Most of the time each of them waits; the threads that their servers block while they write must not be those of the others.
        ThreadPool.SetMinThreads(64, 64);
        await Parallel.ForEachAsync(
            plays,
            new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = TestContext.Current.CancellationToken },
            async (play, _) =>
            {
                var (isLate, failure) = await TryAsync(play.point, play.Signal, play.Post);
                output.WriteLine($"{(failure is null ? "clean" : "FAILED")}: {play.point.Name}, {play.Signal}{(play.Post ? ", with post step" : "")}{(isLate ? ", by a deadline" : "")}");
                Interlocked.Add(ref late, isLate ? 1 : 0);
                Interlocked.Add(ref clean, failure is null ? 1 : 0);
                if (failure is not null)
                {
                    failures.Add($"{play.point.Name}, {play.Signal}{(play.Post ? ", with post step" : "")}: {failure}");
                }
            });

        output.WriteLine($"{clean} of {clean + failures.Count} clean ({late} interrupted ones by a deadline, because this machine was too slow), with the {(ProductProgram.IsNative("virtualbox-client") ? "native" : "built")} client");
        Assert.True(failures.IsEmpty, string.Join("\n\n", failures));
        Assert.Equal(20 * times, clean);
        Assert.True(late < 5 * times, "Most interrupted steps are to delete their VM themselves.");
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop's edge: every point is to be heard of, not only the first that fails.")]
    private static async Task<(bool IsLate, string? Failure)> TryAsync(CancelPoint point, string signal, bool post)
    {
        await using var run = await CancelRun.PrepareAsync(point, signal);
        try
        {
            return (await run.PlayAsync(post).WaitAsync(Patience, TimeProvider.System, TestContext.Current.CancellationToken), null);
        }
        catch (Exception failure) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            return (false, $"{failure}\n{run.Story()}");
        }
    }
}
