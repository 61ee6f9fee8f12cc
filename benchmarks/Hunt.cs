using System.Diagnostics;

namespace Provisioner.Benchmarks;

/// <summary>
/// Many lives through the server. VBoxManage sometimes stays for ten seconds after its work: no request may wait for that. How
/// many calls stayed is counted from outside, among all processes.
/// </summary>
internal static class Hunt
{
    private const int AtOnce = 2;
    private const int TooManyFailures = 5;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(8);
    private const double Late = 5000;
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(2);

    public static async Task RunAsync(Options options, Report report, Host host, Server server)
    {
        var part = $"Stalls, in many lives, {AtOnce} at once";
        var (create, delete, failed, done) = (new Samples("ms"), new Samples("ms"), 0, 0);
        var (before, began) = (Figures.Processor(server.ProcessId), Stopwatch.GetTimestamp());
        using var watching = new CancellationTokenSource();
        var stalls = CountStallsAsync(host, watching.Token);
        await Parallel.ForEachAsync(Enumerable.Range(0, options.Lives), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
        {
            if (failed >= TooManyFailures || Stopwatch.GetElapsedTime(began) > Longest)
            {
                return; // the table tells how many there were
            }

            try
            {
                create.Add(await server.CreateAsync($"hunt-{i}"));
                delete.Add(await server.DeleteAsync($"hunt-{i}"));
            }
            catch (Exception e) when (e is InvalidOperationException or TimeoutException or HttpRequestException)
            {
                report.Say(e.Message);
                Interlocked.Increment(ref failed);
            }

            if (Interlocked.Increment(ref done) % 100 == 0)
            {
                report.Say($"{done} lives");
            }
        });
        var (after, seconds) = (Figures.Processor(server.ProcessId), Stopwatch.GetElapsedTime(began).TotalSeconds);
        await watching.CancelAsync();
        var late = create.Above(Late) + delete.Above(Late);
        report.Add(part, "requests that took more than 5 s", $"{late} of {create.Values.Count + delete.Values.Count}", $"calls of VBoxManage that stayed for over 2 s: {await stalls}", "0", late == 0);
        report.Add(part, "lives that failed", $"{failed} of {done}", "", "0", failed == 0);
        foreach (var (verb, samples) in new[] { ("create", create), ("delete", delete) })
        {
            report.Add(part, verb, $"{samples}; p99 {Samples.Show(samples.Percentile(0.99))} ms", $"slowest {Samples.Show(samples.Largest)} ms");
        }

        report.Add(part, "server busy: processor, its own", $"{Samples.Show((after.Own - before.Own) * 1000 / done)} ms a life", $"{Samples.Show((after.Own - before.Own) / seconds * 100)} % of one core; the programs that it runs: {Samples.Show((after.Children - before.Children) / seconds * 100)} %");
        report.Add(part, "server busy: largest resident memory so far", $"{Samples.Show(Figures.LargestMegabytes(server.ProcessId))} MB");
    }

    // Looks once a second; one that has been there for longer than that is counted.
    private static async Task<int> CountStallsAsync(Host host, CancellationToken cancellationToken)
    {
        var (since, stalled) = (new Dictionary<int, long>(), new HashSet<int>());
        while (!cancellationToken.IsCancellationRequested)
        {
            var now = Figures.Calls(host.UserHome);
            foreach (var gone in since.Keys.Except(now).ToList())
            {
                since.Remove(gone);
            }

            foreach (var process in now)
            {
                since.TryAdd(process, Stopwatch.GetTimestamp());
                if (Stopwatch.GetElapsedTime(since[process]) > Stall)
                {
                    stalled.Add(process);
                }
            }

            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return stalled.Count;
    }
}
