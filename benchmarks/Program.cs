using Provisioner.Benchmarks;

// Started by ./benchmarks/run, which brings the programs together and cleans up. A goal that is missed is a figure, not a failure.
var options = Options.Parse(args);
var report = new Report();
var machine = new Machine();

using var host = await Host.MakeAsync(options, report);
var folder = await ServerFolder.MakeAsync(options, host);
await PartAsync("start", () => StartUp.ServerAsync(options, report, host, folder));

await using var server = await Server.StartAsync(host, folder);
await PartAsync("client", () => StartUp.ClientAsync(options, report, server));
await PartAsync("requests", () => Requests.RunAsync(options, report, server));

await server.CreateAsync("warm-up");
await server.DeleteAsync("warm-up");
var bare = await Sequence.RecordAsync(host, server);
report.Say($"the server's calls for one VM: {bare.Describe()}");
await PartAsync("lives", () => Lives.RunAsync(options, report, host, server, bare));
await PartAsync("batches", () => Batches.RunAsync(options, report, server, bare));
await PartAsync("images", () => Images.RunAsync(options, report, host, server));
await PartAsync("hunt", () => Hunt.RunAsync(options, report, host, server));
await PartAsync("crowd", () => Crowd.RunAsync(options, report, host, server, bare));

Page.Write(options.Page, await machine.DescribeAsync(options, host), bare.Describe(), report);
foreach (var row in report.Rows.Where(row => row.Met == false))
{
    report.Say($"missed: {row.Part}: {row.What}: {row.Figure} | {row.Against} | {row.Goal}");
}

report.Say($"{report.Rows.Count} figures, {report.Rows.Count(row => row.Met == false)} goals missed, {report.Failures.Count} parts failed");
return report.Failures.Count == 0 ? 0 : 1;

async Task PartAsync(string name, Func<Task> run)
{
    if (options.Parts.Count > 0 && !options.Parts.Contains(name))
    {
        return;
    }

    report.Say($"--- {name} (load {Machine.Load()})");
    try
    {
        await run();
    }
    catch (Exception e) when (e is InvalidOperationException or TimeoutException or HttpRequestException or IOException or OperationCanceledException)
    {
        report.Fail(name, e);
    }

    report.WriteJson(Path.Combine(options.Results, "results.json"));
}
