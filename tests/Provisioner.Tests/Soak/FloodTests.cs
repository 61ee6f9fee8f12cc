using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Provisioner.Tests.Programs;

namespace Provisioner.Tests.Soak;

/// <summary>
/// Strangers do their worst for a minute: thousands of idle connections, a thousand slow ones, and bad tokens from a hundred addresses as
/// fast as they go. Callers hardly notice. Played where VBDP_SOAK=1 asks for it; the limits are those of a server that nobody has configured.
/// </summary>
public sealed class FloodTests(ITestOutputHelper output)
{
    private const int Idle = 5000, Slow = 1000, BadTokens = 10_000, MostDescriptors = 1200;
    private const double MostMemory = 300; // MiB
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(60), MostWait = TimeSpan.FromSeconds(1);
    private static readonly IPAddress Honest = IPAddress.Parse("127.0.0.2");

    [Fact(Timeout = 900_000)]
    public async Task Callers_are_served_while_strangers_do_their_worst()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("VBDP_SOAK") == "1", "It takes minutes: ./test soak.");
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Its addresses, 127.0.0.0/8, are all this machine's on Linux only.");
        Assert.SkipUnless(MostOpenFiles() >= Idle + (2 * Slow), $"It opens {Idle + Slow} sockets, and this system allows {MostOpenFiles()} files: ulimit -n {2 * Idle}.");
        using var server = await ServerProgram.StartAsync(new JsonObject(), new JsonObject(), limits: new JsonObject());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var flood = new Flood(server.Port);
        var quiet = await CallAsync(server, calls: 40, stop.Token);

        await flood.OpenIdleAsync(Idle, stop.Token);
        var slow = flood.BeSlowAsync(Slow, stop.Token);
        var bad = flood.TryTokensAsync(BadTokens, stop.Token);
        var (waits, memory, descriptors) = (new List<TimeSpan>(), 0.0, 0);
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < Duration)
        {
            waits.AddRange(await CallAsync(server, calls: 10, stop.Token));
            (memory, descriptors) = (Math.Max(memory, server.Memory / 1024.0), Math.Max(descriptors, server.Descriptors));
        }

        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        await stop.CancelAsync();
        await Task.WhenAll(slow, bad);

        output.WriteLine($"{(ProductProgram.IsNative("virtualbox-server") ? "native" : "built")} server, {Environment.ProcessorCount} processors, {seconds:0} s");
        output.WriteLine($"asked for: {Idle} idle connections, {Slow} slow ones, {BadTokens} bad tokens a second; done: {flood.Opened} idle, {flood.SlowOnes} slow begun, {flood.Answers / seconds:0} bad tokens answered a second ({flood.Busy / seconds:0} of them with 429)");
        output.WriteLine($"callers: {waits.Count} calls, p50 {Percentile(waits, 0.5):0} ms, p99 {Percentile(waits, 0.99):0} ms, most {waits.Max().TotalMilliseconds:0} ms; before: p50 {Percentile(quiet, 0.5):0} ms, p99 {Percentile(quiet, 0.99):0} ms");
        output.WriteLine($"server: resident memory at most {memory:0} MiB, {descriptors} descriptors at most");
        Assert.Equal(0, flood.Accepted);
        Assert.InRange(Percentile(waits, 0.99), 0, MostWait.TotalMilliseconds);
        Assert.InRange(memory, 0, MostMemory);
        Assert.InRange(descriptors, 0, MostDescriptors);
    }

    /// <summary>Some calls one after the other, over a new connection: each of them is served.</summary>
    private static async Task<List<TimeSpan>> CallAsync(ServerProgram server, int calls, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (context, stop) => new NetworkStream(await Flood.ConnectAsync(Honest, context.DnsEndPoint.Port, stop), ownsSocket: true),
            SslOptions = { RemoteCertificateValidationCallback = (_, shown, _, _) => shown is not null && server.Fingerprint.EndsWith(Flood.HashOf(shown), StringComparison.Ordinal) },
        })
        { BaseAddress = new Uri($"https://localhost:{server.Port}") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", server.Token);
        var waits = new List<TimeSpan>();
        for (var call = 0; call < calls; call++)
        {
            var began = Stopwatch.GetTimestamp();
            using var answer = await http.GetAsync("/v1/vms", cancellationToken);
            waits.Add(Stopwatch.GetElapsedTime(began));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken); // a pace below the limit of an address
        }

        return waits;
    }

    private static double Percentile(List<TimeSpan> waits, double part) =>
        waits.Order().ElementAt((int)Math.Min(waits.Count - 1, waits.Count * part)).TotalMilliseconds;

    private static long MostOpenFiles() =>
        File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, _, _, var soft, ..]
        && long.TryParse(soft, out var most) ? most : long.MaxValue;
}
