using System.Globalization;
using System.Text.RegularExpressions;

namespace Provisioner.Benchmarks;

/// <summary>Requests that touch no VirtualBox, as fast as wrk asks them, on the processors that it shares with the server.</summary>
internal static partial class Requests
{
    private const string Part = "Requests without VirtualBox";

    public static async Task RunAsync(Options options, Report report, Server server)
    {
        foreach (var (path, what) in new[] { ("/healthz", "GET /healthz"), ("/v1/vms/none", "GET of a VM that is not there, with a token (404)") })
        {
            foreach (var connections in new[] { 1, 16, 64 })
            {
                var (rate, middle, slow) = (new Samples("/s"), new Samples("ms"), new Samples("ms"));
                for (var run = 0; run < (options.Quick ? 1 : 3); run++)
                {
                    var output = await LoadAsync(options, server, path, connections);
                    rate.Add(double.Parse(Rate().Match(output).Groups[1].Value, CultureInfo.InvariantCulture));
                    middle.Add(Latency(output, "50%"));
                    slow.Add(Latency(output, "99%"));
                }

                report.Add(Part, $"{what}, {connections} connection{(connections == 1 ? "" : "s")}", $"{rate}; p50 {Samples.Show(middle.Median)} ms, p99 {Samples.Show(slow.Median)} ms", Original(connections));
            }
        }

        report.Add(Part, "server: resident memory after these requests", $"{Samples.Show(Figures.ResidentMegabytes(server.ProcessId))} MB");
    }

    private static async Task<string> LoadAsync(Options options, Server server, string path, int connections)
    {
        var threads = Math.Min(connections, 2);
        var seconds = (int)options.Load.TotalSeconds;
        var output = await Child.RunAsync(
            "wrk",
            [$"-t{threads}", $"-c{connections}", $"-d{seconds}s", "--latency", "-H", $"Authorization: Bearer {server.Folder.Token}", server.Url.TrimEnd('/') + path]);
        return output.Contains("Socket errors", StringComparison.Ordinal) ? throw new InvalidOperationException($"wrk had errors: {output}") : output;
    }

    // Its route that is not there (404), on 2 processors that it shared with wrk.
    private static string Original(int connections) => "the original, on another day: " + connections switch
    {
        1 => "10,185/s; p50 0.09 ms",
        16 => "44,635/s; p50 0.25 ms",
        _ => "41,213/s; p50 1.29 ms",
    };

    // wrk says 912.00us, 1.29ms or 1.02s.
    private static double Latency(string output, string percentile)
    {
        var match = Regex.Match(output, $@"^\s+{percentile}\s+([\d.]+)(us|ms|s)\s*$", RegexOptions.Multiline);
        var number = double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        return match.Groups[2].Value switch { "us" => number / 1000, "ms" => number, _ => number * 1000 };
    }

    [GeneratedRegex(@"Requests/sec:\s+([\d.]+)")]
    private static partial Regex Rate();
}
