namespace Provisioner.Benchmarks;

/// <summary>The same with many VMs on the host, and what these cost while nothing happens.</summary>
internal static class Crowd
{
    private const string Part = "Many VMs of the server on the host";

    public static async Task RunAsync(Options options, Report report, Host host, Server server, Sequence bare)
    {
        await FillAsync(server, 0, options.SmallCrowd);
        var (few, fewBare) = await MeasureAsync(options, server, bare, "few");
        await FillAsync(server, options.SmallCrowd, options.LargeCrowd);
        report.Say($"{await server.CountAsync()} VMs run");
        var (many, manyBare) = await MeasureAsync(options, server, bare, "many");

        Compare("create", pair => pair.Create);
        Compare("delete", pair => pair.Delete);
        await IdleAsync(options, report, host, server, $"{options.LargeCrowd} VMs");

        void Compare(string verb, Func<Lives.Pair, Samples> side)
        {
            report.Compare(Part, $"{verb} through the server, {options.LargeCrowd} VMs", side(many), $"{options.SmallCrowd} VMs", side(few), 1.5);
            report.Compare(Part, $"{verb}, bare, {options.LargeCrowd} VMs", side(manyBare), $"{options.SmallCrowd} VMs", side(fewBare));
        }
    }

    /// <summary>What the server, the programs that it runs, and VirtualBox's service use while nothing is asked of them.</summary>
    public static async Task IdleAsync(Options options, Report report, Host host, Server server, string crowd)
    {
        await Task.Delay(TimeSpan.FromSeconds(options.Quick ? 1 : 10), TimeProvider.System);
        var service = Figures.Service(host.UserHome);
        var (before, servedBefore) = (Figures.Processor(server.ProcessId), service is { } one ? Figures.Processor(one).Own : 0);
        await Task.Delay(options.Idle, TimeProvider.System);
        var (after, servedAfter) = (Figures.Processor(server.ProcessId), Figures.Service(host.UserHome) == service && service is { } same ? Figures.Processor(same).Own : double.NaN);
        double Percent(double seconds) => seconds / options.Idle.TotalSeconds * 100;
        var (own, children) = (Percent(after.Own - before.Own), Percent(after.Children - before.Children));
        report.Add(Part, $"server idle, {crowd}: processor, its own", $"{Samples.Show(own)} % of one core", "", "< 1 %", own < 1);
        report.Add(Part, $"server idle, {crowd}: processor, with the programs that it runs", $"{Samples.Show(own + children)} % of one core", "", "< 1 %", own + children < 1);
        report.Add(Part, $"VBoxSVC meanwhile, {crowd}", double.IsNaN(servedAfter) ? "ended and began anew" : $"{Samples.Show(Percent(servedAfter - servedBefore))} % of one core");
        var memory = Figures.ResidentMegabytes(server.ProcessId);
        report.Add(Part, $"server idle, {crowd}: resident memory", $"{Samples.Show(memory)} MB", "", "≤ 50 MB", memory <= 50);
    }

    private static async Task FillAsync(Server server, int from, int to) => await Parallel.ForEachAsync(
        Enumerable.Range(from, to - from),
        new ParallelOptions { MaxDegreeOfParallelism = 4 },
        async (i, _) => await server.CreateAsync($"crowd-{i}"));

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
