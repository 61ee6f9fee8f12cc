namespace Provisioner.Benchmarks;

/// <summary>The same with many VMs on the host, and what these cost while nothing happens.</summary>
internal static class Crowd
{
    private const string Part = "Many VMs of the server on the host";

    // The programs that a server has started end a moment after it, and are not the next one's cost.
    private static readonly TimeSpan Ebbing = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Options options, Report report, Host host, Server server, Sequence bare)
    {
        await FillAsync(server, 0, options.SmallCrowd);
        var (few, fewBare) = await MeasureAsync(options, server, bare, "few");
        await FillAsync(server, options.SmallCrowd, options.LargeCrowd);
        report.Say($"{await server.CountAsync()} VMs run");
        var (many, manyBare) = await MeasureAsync(options, server, bare, "many");

        Compare("create", pair => pair.Create);
        Compare("delete", pair => pair.Delete);
        await Idle.RunAsync(options, report, host, server, Part, $"{options.LargeCrowd} VMs, after all that is above", isGoal: false);
        await server.DisposeAsync();
        await using var again = await RestartAsync(options, report, host, server.Folder);
        await Idle.RunAsync(options, report, host, again, Part, $"{options.LargeCrowd} VMs, started anew", isGoal: true);

        void Compare(string verb, Func<Lives.Pair, Samples> side)
        {
            report.Compare(Part, $"{verb} through the server, {options.LargeCrowd} VMs", side(many), $"{options.SmallCrowd} VMs", side(few), 1.5);
            report.Compare(Part, $"{verb}, bare, {options.LargeCrowd} VMs", side(manyBare), $"{options.SmallCrowd} VMs", side(fewBare));
        }
    }

    private static async Task<Server> RestartAsync(Options options, Report report, Host host, ServerFolder folder)
    {
        var listening = new Samples("ms");
        for (var i = 0; i < options.Starts / 4; i++)
        {
            await using (var server = await Server.StartAsync(host, folder))
            {
                listening.Add(server.Listening);
            }

            await Task.Delay(Ebbing, TimeProvider.System);
        }

        var last = await Server.StartAsync(host, folder);
        listening.Add(last.Listening);
        report.Add(Part, $"server: process start → listening, {options.LargeCrowd} VMs run", listening.ToString(), "", "≤ 150 ms", listening.Median <= 150);
        return last;
    }

    // All have their job, as most of many VMs have. Those that are on their way to it are few, and watched more closely.
    private static async Task FillAsync(Server server, int from, int to) => await Parallel.ForEachAsync(
        Enumerable.Range(from, to - from),
        new ParallelOptions { MaxDegreeOfParallelism = 4 },
        async (i, _) =>
        {
            await server.CreateAsync($"crowd-{i}");
            await server.SayAsync($"crowd-{i}", "busy", "works on its job");
        });

    private static async Task<(Lives.Pair Ours, Lives.Pair Bare)> MeasureAsync(Options options, Server server, Sequence bare, string name)
    {
        var (ours, plain) = (Lives.Pair.New(), Lives.Pair.New());
        for (var i = 0; i < options.Rounds; i++)
        {
            await ours.AddAsync(server, $"{name}-{i}");
            await plain.AddAsync(bare, $"{name}-{i}");
        }

        return (ours, plain);
    }
}
