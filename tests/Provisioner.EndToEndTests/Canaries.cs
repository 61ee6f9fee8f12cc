using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Provisioner.EndToEndTests;

/// <summary>Watches for secrets where none may be: in the arguments and the environment of any process while it runs, and in files and texts.</summary>
internal sealed class Canaries : IAsyncDisposable
{
    private const string ApiToken = "API token";

    private readonly IReadOnlyDictionary<string, byte[]> _secrets;
    private readonly ConcurrentDictionary<string, string> _found = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;

    private Canaries(IReadOnlyDictionary<string, byte[]> secrets)
    {
        _secrets = secrets;
        _watching = Task.Run(WatchProcessesAsync);
    }

    public static async Task<Canaries> StartAsync(Stage stage) => new(new Dictionary<string, byte[]>
    {
        [ApiToken] = Encoding.UTF8.GetBytes(stage.ApiToken),
        ["GitHub App's key"] = Encoding.UTF8.GetBytes(stage.AppKeyPem.Split('\n')[5]),
        ["GitHub App's installation token"] = "ghs_"u8.ToArray(),
        ["just-in-time configuration"] = Encoding.UTF8.GetBytes(await BeginningOfJitConfigsAsync(stage)),
    });

    public IReadOnlyCollection<string> Found => [.. _found.Values];

    public void Search(string where, ReadOnlySpan<byte> content, string? but = null)
    {
        foreach (var (name, secret) in _secrets)
        {
            if (name != but && content.IndexOf(secret) >= 0)
            {
                _found[$"{where}/{name}"] = $"the {name} in {where}";
            }
        }
    }

    public void Search(string where, string text) => Search(where, Encoding.UTF8.GetBytes(text));

    /// <summary>Searches every file below a folder. Disks are left out: what a guest writes on its own disk is not ours.</summary>
    public void SearchFolder(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is not (".qcow2" or ".sock" or ".lock"));
        foreach (var file in files)
        {
            Search(file, File.ReadAllBytes(file));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>All of them begin alike; two are made and removed again to learn how.</summary>
    private static async Task<string> BeginningOfJitConfigsAsync(Stage stage)
    {
        var made = new List<string>();
        foreach (var name in new[] { "canary-1", "canary-2" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/v3/repos/{Stage.RepositoryName}/actions/runners/generate-jitconfig");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", stage.GitHubToken);
            request.Content = JsonContent.Create(new { name, runner_group_id = 1, labels = new[] { name } });
            using var response = await stage.GitHub.SendAsync(request, TestContext.Current.CancellationToken);
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
            made.Add((string)answer["encoded_jit_config"]!);
            using var removal = new HttpRequestMessage(HttpMethod.Delete, $"/api/v3/repos/{Stage.RepositoryName}/actions/runners/{answer["runner"]!["id"]}");
            removal.Headers.Authorization = request.Headers.Authorization;
            using var removed = await stage.GitHub.SendAsync(removal, TestContext.Current.CancellationToken);
        }

        Assert.Equal(made[0][..20], made[1][..20]);
        return made[0][..20];
    }

    private async Task WatchProcessesAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])))
            {
                try
                {
                    Search($"{process}/cmdline", File.ReadAllBytes($"{process}/cmdline"));
                    SearchEnvironment(process);
                }
                catch (Exception error) when (error is IOException or UnauthorizedAccessException)
                {
                    // It has just ended, or is another user's.
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, _stop.Token);
        }
    }

    // A step of the Action has its inputs in its environment: so GitHub's runner gives them to it, and to nothing else.
    private void SearchEnvironment(string process)
    {
        if (StartOf(process) <= StartOf("/proc/self"))
        {
            return; // not of this test: the machine may itself be a runner, with secrets of its own
        }

        // Asked before and after: it may become the client, or end, meanwhile.
        var wasStep = IsClient(process);
        var environment = File.ReadAllBytes($"{process}/environ");
        Search($"{process}/environ", environment, but: wasStep || IsClient(process) ? ApiToken : null);
    }

    private static bool IsClient(string process) => new FileInfo($"{process}/exe").LinkTarget == Repository.Program("virtualbox-client");

    /// <summary>Ticks of the kernel: field 22, counted from behind the name (field 2), which may hold anything.</summary>
    private static long StartOf(string process)
    {
        var text = File.ReadAllText($"{process}/stat");
        return long.Parse(text[(text.LastIndexOf(')') + 2)..].Split(' ')[19], CultureInfo.InvariantCulture);
    }
}
