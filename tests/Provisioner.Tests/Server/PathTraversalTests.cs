using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Provisioner.Contracts;
using Provisioner.Hypervisors;

namespace Provisioner.Tests.Server;

/// <summary>No text of a caller becomes a path: ids, images and labels, in bodies and in addresses, make no file outside of the folder of machines (threat T10).</summary>
public sealed class PathTraversalTests : IDisposable
{
    private const int Patience = 300_000;
    private const string Good = "vbx-good";

    private readonly string _sandbox = Directory.CreateTempSubdirectory("sandbox").FullName;
    private readonly ConcurrentQueue<string> _made = [];
    private readonly FileSystemWatcher _watch;
    private readonly IReadOnlyList<string> _paths;

    public PathTraversalTests()
    {
        _paths = PathCorpus.All(_sandbox);
        Directory.CreateDirectory(Machines);
        _watch = new FileSystemWatcher(_sandbox) { IncludeSubdirectories = true, InternalBufferSize = 64 * 1024 };
        _watch.Created += (_, made) => _made.Enqueue(made.FullPath);
        _watch.Renamed += (_, made) => _made.Enqueue(made.FullPath);
        _watch.EnableRaisingEvents = true;
    }

    private string Machines => Path.Combine(_sandbox, "a", "b", "c", "machines");

    public void Dispose()
    {
        _watch.Dispose();
        Directory.Delete(_sandbox, recursive: true);
    }

    [Fact]
    public void There_are_three_hundred_of_them_and_none_is_an_id()
    {
        Assert.True(_paths.Distinct().Count() >= 300, $"{_paths.Distinct().Count()}");
        Assert.DoesNotContain(_paths, path => VmId.TryParse(path, out _));
    }

    [Fact(Timeout = Patience)]
    public async Task In_a_body_none_is_an_id_an_image_or_a_label()
    {
        await using var server = await StartAsync();
        var answers = new List<string>();
        foreach (var path in _paths)
        {
            answers.Add(await CreateAsync(server, path, "id", new JsonObject { ["image"] = "debian-12", ["id"] = path }));
            answers.Add(await CreateAsync(server, path, "image", new JsonObject { ["image"] = path, ["id"] = "vbx-image" }));
            // A label may have dots and colons: it goes to GitHub, and into no path.
            answers.Add(IsLabel(path) ? "label 400" : await CreateAsync(server, path, "label", new JsonObject { ["image"] = "debian-12", ["id"] = "vbx-label", ["labels"] = new JsonArray(path) }));
        }

        Assert.Equal(["id 400", "image 400", "image 404", "label 400"], answers.Distinct().Order());
        await AssertNoFileElsewhereAsync(server);
    }

    [Fact(Timeout = Patience)]
    public async Task In_an_address_none_is_a_vm()
    {
        await using var server = await StartAsync();
        var answers = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(_paths.Select(InAddress), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (path, _) =>
        {
            foreach (var (method, end) in new[] { ("GET", ""), ("DELETE", ""), ("GET", "/events?follow=false"), ("POST", "/extend"), ("GET", "/console") })
            {
                var answer = (await server.CallAsync($"/v1/vms/{path}{end}", method, authorized: true))[..3];
                if (answer is not ("400" or "404" or "405" or "414" or "415"))
                {
                    answers.Enqueue($"{method} {path}{end}: {answer}");
                }
            }
        });

        // Kestrel takes the step up before anybody sees it: it leads to the events of all VMs of the caller, who may have them.
        Assert.Equal(["GET %2e%2e/events?follow=false: 200", "GET ../events?follow=false: 200"], answers.Order(StringComparer.Ordinal));
        await AssertNoFileElsewhereAsync(server);
    }

    [Fact(Timeout = Patience)]
    public async Task In_the_calls_of_the_Go_version_none_is_an_id_or_an_image()
    {
        await using var server = await StartAsync();
        var answers = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(_paths.Select(InAddress), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (path, _) =>
        {
            foreach (var call in new[] { $"/create/{path}/acme/gpu/debian-12", $"/create/vbx-legacy/acme/gpu/{path}", $"/create/vbx-legacy/{path}/gpu/debian-12", $"/delete/{path}" })
            {
                var answer = (await server.CallAsync(call))[..3];
                if (answer is not ("301" or "400" or "404" or "414"))
                {
                    answers.Enqueue($"{call}: {answer}");
                }
            }
        });

        // Kestrel takes the step up before anybody sees it: it leads to where people sign in.
        Assert.Equal(["/delete/%2e%2e: 200", "/delete/..: 200"], answers.Order(StringComparer.Ordinal));
        await AssertNoFileElsewhereAsync(server);
    }

    private Task<RunningServer> StartAsync() => RunningServer.StartAsync(options =>
    {
        LegacyCalls.Allow(options);
        options.Simulated.Folder = Machines;
        (options.Limits.Burst, options.Limits.RequestsPerSecond) = (100_000, 100_000);
    });

    private static async Task<string> CreateAsync(RunningServer server, string path, string field, JsonObject body)
    {
        using var answer = await server.CreateAsync(body.ToJsonString());
        var problem = await answer.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, TestContext.Current.CancellationToken);
        Assert.True((answer.StatusCode, problem?.Code) is (HttpStatusCode.BadRequest, ProblemCode.InvalidRequest) or (HttpStatusCode.NotFound, ProblemCode.UnknownImage), $"{field} {path}: {answer.StatusCode}");
        return $"{field} {(int)answer.StatusCode}";
    }

    /// <summary>An honest VM proves that the watch sees files, and comes after all others.</summary>
    private async Task AssertNoFileElsewhereAsync(RunningServer server)
    {
        Assert.Empty(server.Vms.List());
        await server.CreateVmAsync(Good);
        await server.FollowAsync(Good, change => change.Phase == VmPhase.Online);
        while (!_made.Any(file => Path.GetFileName(file) == $"vbdp-{Good}.json"))
        {
            await Task.Yield();
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        Assert.All(_made, file => Assert.StartsWith(Path.Combine(Machines, $"vbdp-{Good}.json"), file, StringComparison.Ordinal));
        foreach (var folder in new[] { Path.GetTempPath(), Environment.CurrentDirectory, "/dev/shm", "/etc", "/", AppContext.BaseDirectory })
        {
            Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(folder), file => file.Contains(PathCorpus.Canary, StringComparison.OrdinalIgnoreCase));
        }
    }

    // What cannot stand in an address line at all is escaped, as each client would.
    private static string InAddress(string path) => string.Concat(path.Select(c => c is > ' ' and < '\x7f' and not ('#' or '?') ? c.ToString() : Uri.EscapeDataString(c.ToString())));

    private static bool IsLabel(string text) => text.Length <= 100 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' or '-' or '+');
}
