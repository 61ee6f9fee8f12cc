namespace Provisioner.Benchmarks;

/// <summary>What the server, the programs that it runs, and VirtualBox's service use while nothing is asked of them.</summary>
internal static class Idle
{
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(45);

    public static async Task RunAsync(Options options, Report report, Host host, Server server, string part, string when, bool isGoal)
    {
        var settling = options.Quick ? Settling / 10 : Settling;
        var first = Look(host, server);
        await Task.Delay(settling, TimeProvider.System);
        var settled = Look(host, server);
        report.Add(part, $"server, {when}, in the {settling.TotalSeconds:0} s before that: processor, with the programs that it runs",
            $"{Samples.Show(settled.Own + settled.Programs - first.Own - first.Programs)} s");
        var (service, before) = (Figures.Service(host.UserHome), Look(host, server));
        await Task.Delay(options.Idle, TimeProvider.System);
        var after = Look(host, server);
        double Percent(double seconds) => seconds / options.Idle.TotalSeconds * 100;
        var (own, all) = (Percent(after.Own - before.Own), Percent(after.Own + after.Programs - before.Own - before.Programs));
        var goal = isGoal ? "< 1 %" : "";
        report.Add(part, $"server idle, {when}: processor, its own", $"{Samples.Show(own)} % of one core", "", goal, isGoal ? own < 1 : null);
        report.Add(part, $"server idle, {when}: processor, with the programs that it runs", $"{Samples.Show(all)} % of one core", "", goal, isGoal ? all < 1 : null);
        report.Add(part, $"VBoxSVC meanwhile, {when}", Figures.Service(host.UserHome) == service ? $"{Samples.Show(Percent(after.Service - before.Service))} % of one core" : "ended and began anew");
        var memory = Figures.ResidentMegabytes(server.ProcessId);
        report.Add(part, $"server idle, {when}: resident memory", $"{Samples.Show(memory)} MB", "", isGoal ? "≤ 50 MB" : "", isGoal ? memory <= 50 : null);
    }

    // A program that runs at the one look and has ended at the other is among the server's children then: the sum stays right.
    private static (double Own, double Programs, double Service) Look(Host host, Server server)
    {
        var (own, children) = Figures.Processor(server.ProcessId);
        return (own, children + Figures.Programs(host.UserHome, server.ProcessId), Figures.Service(host.UserHome) is { } service ? Figures.Processor(service).Own : 0);
    }
}
