using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.GitHub;
using static Provisioner.Tests.GitHub.SimulatedGitHub;

namespace Provisioner.Tests.GitHub;

public sealed class RefusalTests
{
    [Theory(Timeout = 20_000)]
    [InlineData(401, nameof(GitHubFault.Unauthorized), "wrong, expired or revoked")]
    [InlineData(403, nameof(GitHubFault.Forbidden), "'Administration: read and write'")]
    [InlineData(403, nameof(GitHubFault.Forbidden), "GITHUB_TOKEN can never have it")]
    [InlineData(404, nameof(GitHubFault.NotFound), "octo-org/octo-repo")]
    [InlineData(409, nameof(GitHubFault.NameTaken), "Use another name")]
    [InlineData(422, nameof(GitHubFault.Invalid), "the reason in GitHub's words")]
    [InlineData(301, nameof(GitHubFault.NotFound), "renamed or moved")]
    [InlineData(500, nameof(GitHubFault.ServerError), "githubstatus.com")]
    public async Task A_refusal_names_its_cause_and_its_remedy(int status, string fault, string words)
    {
        await using var github = await StartAsync();
        github.Fail(new()
        {
            Path = "generate-jitconfig",
            Status = status,
            Times = 10,
            Body = """{"message":"the reason in GitHub's words"}""",
            Headers = new Dictionary<string, string> { ["X-GitHub-Request-Id"] = "ABCD:1234" },
        });

        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Runners.RegisterAsync(Repository, "vm-1", ["vm-1"], Cancelled));

        Assert.Equal(fault, refused.Fault.ToString());
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.Contains("ABCD:1234", refused.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_token_that_GitHub_does_not_know_is_refused()
    {
        await using var github = await StartAsync();
        var runners = github.RunnersWith(new TokenCredential("ghp_wrong"));

        var refused = await Assert.ThrowsAsync<GitHubException>(() => runners.FindAsync(Repository, "vm-1", Cancelled));

        Assert.Equal(GitHubFault.Unauthorized, refused.Fault);
    }

    [Fact(Timeout = 20_000)]
    public async Task The_token_of_a_workflow_may_not_manage_runners()
    {
        await using var github = await StartAsync(options: new() { WorkflowTokens = ["ghs_workflow"] });
        var runners = github.RunnersWith(new TokenCredential("ghs_workflow"));

        var refused = await Assert.ThrowsAsync<GitHubException>(() => runners.RegisterAsync(Repository, "vm-1", ["vm-1"], Cancelled));

        Assert.Equal(GitHubFault.Forbidden, refused.Fault);
        Assert.Contains("Resource not accessible by integration", refused.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_repository_that_is_not_there_is_not_found()
    {
        await using var github = await StartAsync(options: new() { Repositories = ["octo-org/another"] });

        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Runners.RegisterAsync(Repository, "vm-1", ["vm-1"], Cancelled));

        Assert.Equal(GitHubFault.NotFound, refused.Fault);
    }

    [Fact(Timeout = 20_000)]
    public async Task An_answer_that_is_not_GitHubs_is_said_to_be_unreadable()
    {
        await using var github = await StartAsync();
        github.Fail(new() { Path = "runners", Status = 200, Body = "<html>Please log in to the proxy</html>" });

        var failed = await Assert.ThrowsAsync<GitHubException>(() => github.Runners.FindAsync(Repository, "vm-1", Cancelled));

        Assert.Equal(GitHubFault.ServerError, failed.Fault);
        Assert.Contains("no proxy answers in its place", failed.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task An_answer_without_end_is_cut_off()
    {
        await using var github = await StartAsync();
        github.Fail(new() { Path = "runners", Status = 200, Times = 10, Body = new string(' ', 5 * 1024 * 1024) });

        var failed = await Assert.ThrowsAsync<GitHubException>(() => github.Runners.FindAsync(Repository, "vm-1", Cancelled));

        Assert.Equal(GitHubFault.Unreachable, failed.Fault);
    }

    [Fact(Timeout = 20_000)]
    public async Task Nobody_listening_means_unreachable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var http = GitHubHttp.CreateClient();
        var runners = new GitHubRunners(
            http, new TokenCredential("t"), GitHubEndpoints.Parse($"http://127.0.0.1:{port}"), new HurriedTime(), NullLogger<GitHubRunners>.Instance);

        var failed = await Assert.ThrowsAsync<GitHubException>(() => runners.RegisterAsync(Repository, "vm-1", ["vm-1"], Cancelled));

        Assert.Equal(GitHubFault.Unreachable, failed.Fault);
        Assert.Contains("HTTPS_PROXY", failed.Message, StringComparison.Ordinal);
    }
}
