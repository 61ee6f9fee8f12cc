using System.Text;
using Provisioner.GitHub;
using static Provisioner.Tests.GitHub.SimulatedGitHub;

namespace Provisioner.Tests.GitHub;

public sealed class RegistrationTests
{
    private static readonly string[] Labels = ["vm-1", "Linux"];

    [Fact(Timeout = 20_000)]
    public async Task A_registered_runner_is_found_by_its_name_and_by_its_id()
    {
        await using var github = await StartAsync();

        var registered = await github.Runners.RegisterAsync(Repository, "vm-1", Labels, Cancelled);

        var found = await github.Runners.FindAsync(Repository, "vm-1", Cancelled);
        Assert.Equal(registered.Id, found?.Id);
        Assert.Equal(["vm-1", "linux"], found?.Labels);
        Assert.False(found?.Online);
        Assert.Equal("vm-1", (await github.Runners.GetAsync(Repository, registered.Id, Cancelled))?.Name);
        Assert.Contains(".credentials_rsaparams", Encoding.UTF8.GetString(Convert.FromBase64String(registered.EncodedJitConfig)), StringComparison.Ordinal);
        github.AssertNoErrorsLogged();
    }

    [Fact(Timeout = 20_000)]
    public async Task A_registration_whose_answer_was_lost_is_removed_and_made_again()
    {
        await using var github = await StartAsync();
        github.Fail(new() { Path = "generate-jitconfig", LoseReply = true });

        var registered = await github.Runners.RegisterAsync(Repository, "vm-1", Labels, Cancelled);

        var only = Assert.Single(github.Board.Runners(Repository.ToString()));
        Assert.Equal(registered.Id, only.Id);
        Assert.Equal(2, github.Asked().Count(call => call.EndsWith("/generate-jitconfig", StringComparison.Ordinal)));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_registration_left_over_from_before_is_replaced()
    {
        await using var github = await StartAsync();
        var before = github.Existing("vm-1", "vm-1", "linux");

        var registered = await github.Runners.RegisterAsync(Repository, "vm-1", Labels, Cancelled);

        Assert.NotEqual(before.Id, registered.Id);
        Assert.Single(github.Board.Runners(Repository.ToString()));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_runner_with_other_labels_is_somebody_elses_and_stays()
    {
        await using var github = await StartAsync();
        var theirs = github.Existing("vm-1", "build-machine");

        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Runners.RegisterAsync(Repository, "vm-1", Labels, Cancelled));

        Assert.Equal(GitHubFault.NameTaken, refused.Fault);
        Assert.Equal(theirs.Id, Assert.Single(github.Board.Runners(Repository.ToString())).Id);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_runner_that_is_online_keeps_its_name()
    {
        await using var github = await StartAsync();
        github.Board.OpenSession(github.Existing("vm-1", "vm-1", "linux"), "1.0.0", "linux");

        var refused = await Assert.ThrowsAsync<GitHubException>(() => github.Runners.RegisterAsync(Repository, "vm-1", Labels, Cancelled));

        Assert.Equal(GitHubFault.NameTaken, refused.Fault);
        Assert.Single(github.Board.Runners(Repository.ToString()));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_burst_of_server_errors_is_outlived_with_a_look_before_each_repeat()
    {
        await using var github = await StartAsync();
        github.Fail(new() { Path = "generate-jitconfig", Status = 503, Times = 2 });

        await github.Runners.RegisterAsync(Repository, "vm-1", Labels, Cancelled);

        string[] expected = ["POST", "GET", "POST", "GET", "POST"];
        Assert.Equal(expected, github.Asked().Select(call => call.Split(' ')[0]));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_GitHub_that_stays_broken_is_given_up()
    {
        await using var github = await StartAsync();
        github.Fail(new() { Path = "generate-jitconfig", Status = 500, Times = 100 });

        var failed = await Assert.ThrowsAsync<GitHubException>(() => github.Runners.RegisterAsync(Repository, "vm-1", Labels, Cancelled));

        Assert.Equal(GitHubFault.ServerError, failed.Fault);
        Assert.Empty(github.Board.Runners(Repository.ToString()));
    }
}
