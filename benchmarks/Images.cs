using System.Diagnostics;

namespace Provisioner.Benchmarks;

/// <summary>Does the size of an image matter? Linked clones against full ones, by VBoxManage itself.</summary>
internal static class Images
{
    private const string Part = "Linked against full clone, image of 1.5 GB";

    public static async Task RunAsync(Options options, Report report, Host host, Server server)
    {
        var (linked, full, ours) = (new Samples("ms"), new Samples("ms"), Lives.Pair.New());
        for (var i = 0; i < options.FullClones; i++)
        {
            full.Add(await CloneAsync(host, $"full-{i}"));
            linked.Add(await CloneAsync(host, $"linked-{i}", "--snapshot", "ready", "--options", "link"));
            await ours.AddAsync(server, $"large-{i}", Host.LargeImage);
        }

        report.Compare(Part, "clonevm, linked", linked, "clonevm, full", full, 0.05);
        report.Compare(Part, "create through the server, all of it", ours.Create, "clonevm, full", full);
    }

    private static async Task<TimeSpan> CloneAsync(Host host, string name, params string[] how)
    {
        var began = Stopwatch.GetTimestamp();
        await host.RunAsync(["clonevm", Host.LargeImage, "--name", name, "--basefolder", host.Bare, "--register", .. how]);
        var took = Stopwatch.GetElapsedTime(began);
        await host.RunAsync("unregistervm", name, "--delete");
        return took;
    }
}
