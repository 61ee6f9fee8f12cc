using System.Security.Cryptography;
using Microsoft.Extensions.Time.Testing;
using Provisioner.GitHub;
using Provisioner.GitHubSimulator;
using static Provisioner.Tests.GitHub.SimulatedGitHub;

namespace Provisioner.Tests.GitHub;

public sealed class AppCredentialTests : IDisposable
{
    private const string ClientId = "Iv23liSimulated";

    private readonly RSA rsa = RSA.Create(2048);

    public void Dispose() => rsa.Dispose();

    [Theory(Timeout = 20_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_App_registers_runners_with_its_key_in_either_form(bool pkcs8)
    {
        await using var github = await StartAsync(options: WithApp());
        using var key = AppKey.FromPem(ClientId, pkcs8 ? rsa.ExportPkcs8PrivateKeyPem() : rsa.ExportRSAPrivateKeyPem());

        var registered = await github.RunnersWith(github.App(key)).RegisterAsync(Repository, "vm-1", ["vm-1"], Cancelled);

        Assert.Equal(registered.Id, Assert.Single(github.Board.Runners(Repository.ToString())).Id);
        github.AssertNoErrorsLogged();
    }

    [Fact(Timeout = 20_000)]
    public async Task An_App_reads_runs_with_a_token_of_their_own_that_manages_no_runners()
    {
        await using var github = await StartAsync(options: WithApp());
        using var key = Key();
        var runners = github.RunnersWith(github.App(key));
        github.Board.SetRun(Repository.ToString(), 7, 1, "completed", "cancelled");

        var state = await runners.Runs.GetAsync(Repository, new WorkflowRun(7, 1), Cancelled);
        await runners.FindAsync(Repository, "vm-1", Cancelled);

        Assert.Equal(new RunState(IsOver: true, "cancelled"), state);
        Assert.Equal(2, github.Asked().Count(IsMinting));
    }

    [Fact(Timeout = 20_000)]
    public async Task An_App_without_the_permission_to_read_runs_still_manages_runners()
    {
        await using var github = await StartAsync(options: WithApp() with { AppMayReadRuns = false });
        using var key = Key();
        var runners = github.RunnersWith(github.App(key));

        var refused = await Assert.ThrowsAsync<GitHubException>(() => runners.Runs.GetAsync(Repository, new WorkflowRun(7, 1), Cancelled));

        Assert.Equal(GitHubFault.Forbidden, refused.Fault);
        Assert.Contains("Actions: read", refused.Message, StringComparison.Ordinal);
        Assert.Null(await runners.FindAsync(Repository, "vm-1", Cancelled));
    }

    [Fact(Timeout = 20_000)]
    public async Task Many_calls_at_once_share_one_token()
    {
        await using var github = await StartAsync(options: WithApp());
        using var key = Key();
        var runners = github.RunnersWith(github.App(key));

        await Task.WhenAll(Enumerable.Range(1, 50).Select(number => runners.FindAsync(Repository, $"vm-{number}", Cancelled)));

        Assert.Single(github.Asked(), IsMinting);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_token_is_renewed_before_it_expires()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var github = await StartAsync(time, WithApp());
        using var key = Key();
        var runners = github.RunnersWith(github.App(key));
        await runners.FindAsync(Repository, "vm-1", Cancelled);

        time.Advance(TimeSpan.FromMinutes(54));
        await runners.FindAsync(Repository, "vm-1", Cancelled);
        Assert.Single(github.Asked(), IsMinting);

        time.Advance(TimeSpan.FromMinutes(2));
        await runners.FindAsync(Repository, "vm-1", Cancelled);
        Assert.Equal(2, github.Asked().Count(IsMinting));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_token_that_was_revoked_is_replaced()
    {
        await using var github = await StartAsync(options: WithApp());
        using var key = Key();
        var runners = github.RunnersWith(github.App(key));
        await runners.FindAsync(Repository, "vm-1", Cancelled);

        github.RevokeInstallationTokens();

        Assert.Null(await runners.FindAsync(Repository, "vm-1", Cancelled));
        Assert.Equal(2, github.Asked().Count(IsMinting));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_token_is_for_its_repository_only()
    {
        await using var github = await StartAsync(options: WithApp());
        using var key = Key();
        var token = await github.App(key).GetTokenAsync(Repository, Cancelled);
        var elsewhere = RepositoryName.Parse("octo-org/another");

        var refused = await Assert.ThrowsAsync<GitHubException>(
            () => github.RunnersWith(new TokenCredential(token)).RegisterAsync(elsewhere, "vm-1", ["vm-1"], Cancelled));

        Assert.Equal(GitHubFault.NotFound, refused.Fault);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_key_that_is_not_the_Apps_is_refused_with_what_to_check()
    {
        await using var github = await StartAsync(options: WithApp());
        using var other = RSA.Create(2048);
        using var key = AppKey.FromPem(ClientId, other.ExportRSAPrivateKeyPem());

        var refused = await Assert.ThrowsAsync<GitHubException>(
            () => github.RunnersWith(github.App(key)).FindAsync(Repository, "vm-1", Cancelled));

        Assert.Equal(GitHubFault.Unauthorized, refused.Fault);
        Assert.Contains("clock", refused.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task An_App_that_is_not_installed_is_told_so()
    {
        await using var github = await StartAsync(options: WithApp() with { Repositories = ["octo-org/another"] });
        using var key = Key();

        var refused = await Assert.ThrowsAsync<GitHubException>(
            () => github.RunnersWith(github.App(key)).FindAsync(Repository, "vm-1", Cancelled));

        Assert.Equal(GitHubFault.NotFound, refused.Fault);
        Assert.Contains("is not installed for octo-org/octo-repo", refused.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task An_App_without_the_permission_is_told_which_one_it_needs()
    {
        await using var github = await StartAsync(options: WithApp());
        github.Fail(new() { Path = "access_tokens", Status = 422, Body = """{"message":"The permissions requested are not granted."}""" });
        using var key = Key();

        var refused = await Assert.ThrowsAsync<GitHubException>(
            () => github.RunnersWith(github.App(key)).FindAsync(Repository, "vm-1", Cancelled));

        Assert.Equal(GitHubFault.Forbidden, refused.Fault);
        Assert.Contains("'Administration: read and write'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a key")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----")]
    public void What_is_not_a_private_key_is_refused_without_quoting_it(string pem)
    {
        var refused = Assert.Throws<FormatException>(() => AppKey.FromPem(ClientId, pem));

        Assert.DoesNotContain("c2VjcmV0", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_public_key_is_refused() =>
        Assert.Throws<FormatException>(() => AppKey.FromPem(ClientId, rsa.ExportSubjectPublicKeyInfoPem()));

    private static bool IsMinting(string call) => call.EndsWith("/access_tokens", StringComparison.Ordinal);

    private SimulatorOptions WithApp() => new() { AppId = ClientId, AppPublicKey = rsa.ExportSubjectPublicKeyInfoPem() };

    private AppKey Key() => AppKey.FromPem(ClientId, rsa.ExportRSAPrivateKeyPem());
}
