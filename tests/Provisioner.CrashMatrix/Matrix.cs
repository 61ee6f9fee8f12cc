using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Provisioner.GitHubSimulator;

namespace Provisioner.CrashMatrix;

/// <summary>All points, each with all its seeds. Tells how far it is, and ends with one line that counts.</summary>
internal sealed class Matrix(MatrixOptions options, HostKind hosts, Template template, Simulator gitHub, string folder)
{
    private readonly Lock gate = new();
    private readonly long began = Stopwatch.GetTimestamp();
    private readonly Dictionary<string, int> passed = [];
    private int failed;
    private int crashes;
    private int asked;
    private int running;

    public static async Task<int> RunAsync(MatrixOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("cm-").FullName;
        try
        {
            await using var gitHub = await Simulator.StartAsync(new SimulatorOptions { Tokens = [Template.GitHubToken] }, TimeProvider.System, CancellationToken.None);
            var template = await Template.MakeAsync(Path.Combine(folder, "all"), Path.GetFullPath(options.Server), gitHub.Url);
            await using var hosts = await HostKind.MakeAsync(options, Path.Combine(folder, "host"));
            return await new Matrix(options, hosts, template, gitHub, folder).RunAllAsync();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<int> RunAllAsync()
    {
        var points = Point.All.Where(point => (hosts.HasPointsInDrivers || !point.IsInDrivers) && (hosts.Saves || point.Way != Way.Saved)).ToList();
        var chosen = points.Where(point => options.Point is null || options.Point == point.Name).ToList();
        var plans = Enumerable.Range(options.FirstSeed, options.Runs).SelectMany(seed => chosen.Select(point => Plan.Make(point, seed, points))).ToList();
        Console.WriteLine($"crash matrix on {options.Hypervisor}: {chosen.Count} points x {options.Runs} seeds = {plans.Count} runs, {options.Parallel} at once");
        await Parallel.ForEachAsync(plans, new ParallelOptions { MaxDegreeOfParallelism = options.Parallel }, async (plan, _) => await RunOneAsync(plan, plans.Count));
        foreach (var point in chosen)
        {
            Console.WriteLine($"  {point.Name,-24} {passed.GetValueOrDefault(point.Name)} of {options.Runs}");
        }

        Console.WriteLine($"{crashes} servers were killed; {asked} VMs were asked for, {running} of them ran after a crash; {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
        Console.WriteLine($"crash matrix: {passed.Values.Sum()} passed, {failed} failed");
        return failed == 0 && plans.Count > 0 ? 0 : 1;
    }

    [SuppressMessage("Design", "CA1031", Justification = "The loop's edge: whatever went wrong in a run is that run's failure, and is told.")]
    private async Task RunOneAsync(Plan plan, int all)
    {
        var home = Directory.CreateDirectory(Path.Combine(folder, $"{plan.Point.Name}-{plan.Seed}")).FullName;
        var host = hosts.Open(home);
        await using var run = new CrashRun(plan, host, template, gitHub, home);
        using var patience = new CancellationTokenSource(host.Patience, TimeProvider.System);
        try
        {
            await run.RunAsync(patience.Token);
            Count(run, plan, all);
        }
        catch (Exception problem)
        {
            lock (gate)
            {
                failed++;
                var cause = patience.IsCancellationRequested ? $"It was stuck after {host.Patience}." : problem is BrokenPromiseException ? problem.Message : problem.ToString();
                Console.WriteLine($"FAILED {options.Hypervisor} {plan.Point.Name} seed {plan.Seed}: {cause}\n{plan}\n{run.Story()}");
            }
        }
    }

    private void Count(CrashRun run, Plan plan, int all)
    {
        lock (gate)
        {
            passed[plan.Point.Name] = passed.GetValueOrDefault(plan.Point.Name) + 1;
            crashes += run.Crashes;
            asked += run.Asked;
            running += run.Running;
            var done = passed.Values.Sum() + failed;
            if (done % 25 == 0)
            {
                Console.WriteLine($"{options.Hypervisor}: {done} of {all} runs, {failed} failed, {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
            }
        }
    }
}
