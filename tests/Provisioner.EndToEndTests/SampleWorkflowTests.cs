using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Provisioner.EndToEndTests;

/// <summary>The sample workflow without secrets, step by step as it stands: GitHub's part is the simulator's, its issuer of tokens too.</summary>
public sealed partial class SampleWorkflowTests(Stage stage) : IDisposable
{
    private const int Patience = 10 * 60_000;
    private const string RepositoryId = "4242";

    private static readonly Dictionary<string, string> None = [];
    private static readonly string Sample = File.ReadAllText(Path.Combine(Repository.Root, "samples", "no-secrets.yml"));

    private readonly string _folder = Directory.CreateTempSubdirectory("end-to-end-sample").FullName;

    [Fact(Timeout = Patience)]
    public async Task A_workflow_with_nothing_secret_in_it_gets_its_machine_and_its_job_runs_there()
    {
        Assert.DoesNotContain("secrets.", Sample, StringComparison.Ordinal);
        var url = FreeAddress();
        await using var server = await StartServerAsync(url);

        await using var create = await StepAsync("create", url);
        Assert.True(await create.Process.ExitAsync() == 0, create.Process.Output);
        var queued = await stage.QueueJobAsync(create.Output("label")!, "echo \"the user is $(whoami)\"");
        var job = await stage.CompletedJobAsync((long)queued["id"]!);
        await using var delete = await StepAsync("delete", url);
        Assert.True(await delete.Process.ExitAsync() == 0, delete.Process.Output);

        var id = create.Output("vm-id")!;
        var events = await server.Api.GetStringAsync($"/v1/vms/{id}/events", TestContext.Current.CancellationToken);
        Assert.Equal("success", (string?)job["conclusion"]);
        Assert.Contains("the user is runner", (string?)job["log"]);
        Assert.Contains("\"phase\":\"gone\"", events, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder, "machines"), "vbdp-*"));
        Assert.DoesNotContain(id, await stage.GitHub.GetStringAsync("/_simulator/runners", TestContext.Current.CancellationToken));
    }

    [Theory(Timeout = Patience)]
    [InlineData("pull_request_target", RepositoryId, "The nearest is sample, but")]
    [InlineData("push", "1", "No rule names this repository or its owner")]
    public async Task The_same_workflow_is_refused_with_the_reason_when_no_rule_lets_it_in(string @event, string repositoryId, string reason)
    {
        var url = FreeAddress();
        await using var server = await StartServerAsync(url);

        await using var create = await StepAsync("create", url, @event, repositoryId);

        Assert.Equal(4, await create.Process.ExitAsync());
        Assert.Contains(reason, create.Process.Output, StringComparison.Ordinal);
        Assert.Equal("[]", await server.Api.GetStringAsync("/v1/vms", TestContext.Current.CancellationToken));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // The address is what the workflow proves itself to, so it has to be known before the server starts.
    private static string FreeAddress()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return $"https://127.0.0.1:{((IPEndPoint)socket.LocalEndpoint).Port}";
    }

    private async Task<SecondServer> StartServerAsync(string url)
    {
        var policy = Path.Combine(_folder, "policy.json");
        await File.WriteAllTextAsync(
            policy,
            $$$"""{"rules": [{"name": "sample", "who": {"repository_id": {{{RepositoryId}}}, "ref": "refs/heads/main"}, "may": {"images": ["debian-12"], "maxVms": 1, "cpus": 1, "memory": 512, "lifetime": "00:30:00"}}]}""",
            TestContext.Current.CancellationToken);
        return await SecondServer.StartAsync(stage, _folder, configuration =>
        {
            configuration["port"] = new Uri(url).Port;
            configuration["oidc"] = new JsonObject { ["audience"] = url, ["issuer"] = new Uri(stage.GitHub.BaseAddress!, "_services/token").AbsoluteUri };
            configuration["policyFile"] = policy;
            configuration["qemu"]!["folder"] = Path.Combine(_folder, "machines");
            configuration["images"] = new JsonObject { ["debian-12"] = configuration["images"]!["debian"]!.DeepClone() };
        });
    }

    // A job's step of the Action, with what GitHub puts in the place of the expressions, and in the environment of a job that may have tokens.
    private async Task<ActionStep> StepAsync(string job, string url, string @event = "push", string repositoryId = RepositoryId)
    {
        var text = Jobs().Matches(Sample).Single(match => match.Groups["job"].Value == job).Value;
        Assert.Contains("id-token: write", text, StringComparison.Ordinal);
        var inputs = Inputs().Matches(text[text.IndexOf("with:", StringComparison.Ordinal)..]).ToDictionary(
            input => input.Groups["name"].Value,
            input => input.Groups["value"].Value
                .Replace("${{ vars.VBDP_SERVER }}", url, StringComparison.Ordinal)
                .Replace("${{ vars.VBDP_CA }}", File.ReadAllText(stage.AuthorityFile), StringComparison.Ordinal));
        using var granted = await stage.GitHub.PostAsJsonAsync(
            "/_simulator/oidc",
            new Dictionary<string, string>
            {
                ["repository"] = Stage.RepositoryName, ["repository_id"] = repositoryId, ["run_id"] = "1001", ["event_name"] = @event, ["ref"] = "refs/heads/main",
            },
            TestContext.Current.CancellationToken);
        var variables = await granted.Content.ReadFromJsonAsync<Dictionary<string, string>>(TestContext.Current.CancellationToken);
        variables!["GITHUB_JOB"] = job;
        return ActionStep.Start(inputs, None, variables);
    }

    [GeneratedRegex(@"^  (?<job>\w+):\n(?:(?:    .*)?\n)+", RegexOptions.Multiline)]
    private static partial Regex Jobs();

    [GeneratedRegex(@"^ +(?<name>[a-z-]+): (?<value>.+)$", RegexOptions.Multiline)]
    private static partial Regex Inputs();
}
