using Provisioner.Client;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

/// <summary>A job that may not ask for identity tokens is told why, and what to write.</summary>
public sealed class MissingIdTokenTests : IDisposable
{
    private readonly string _event = Path.GetTempFileName();

    [Theory(Timeout = 10_000)]
    [InlineData("push", "{}")]
    [InlineData("pull_request", """{"pull_request":{"head":{"repo":{"full_name":"acme/widgets"}},"base":{"repo":{"full_name":"Acme/Widgets"}}}}""")]
    [InlineData("pull_request_target", """{"pull_request":{"head":{"repo":{"full_name":"stranger/widgets"}},"base":{"repo":{"full_name":"acme/widgets"}}}}""")]
    [InlineData("pull_request", "not JSON")]
    public async Task A_missing_permission_is_told_with_what_to_write(string kind, string happened)
    {
        using var step = await RunAsync(kind, happened);

        Assert.Contains("this job may not ask GitHub for an identity token", step.Log, StringComparison.Ordinal);
        Assert.Contains("Write 'permissions: { id-token: write }' into the job", step.Log, StringComparison.Ordinal);
    }

    [Theory(Timeout = 10_000)]
    [InlineData("pull_request", """{"full_name":"stranger/widgets"}""", "stranger/widgets")]
    [InlineData("pull_request_review", """{"full_name":"stranger/widgets"}""", "stranger/widgets")]
    [InlineData("pull_request", "null", "deleted")]
    public async Task A_pull_request_from_a_fork_is_told_as_that(string kind, string head, string fork)
    {
        using var step = await RunAsync(kind, """{"pull_request":{"head":{"repo":HEAD},"base":{"repo":{"full_name":"acme/widgets"}}}}""".Replace("HEAD", head, StringComparison.Ordinal));

        Assert.Contains($"a pull request from a fork ({fork}): GitHub gives those neither secrets nor an identity token.", step.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("id-token: write", step.Log, StringComparison.Ordinal);
    }

    [Theory(Timeout = 10_000)]
    [InlineData("http://github.example.org/token")]
    [InlineData("file:///etc/passwd")]
    [InlineData("here")]
    public async Task The_jobs_token_goes_over_https_only(string address)
    {
        using var step = Step();
        (step.Environment["ACTIONS_ID_TOKEN_REQUEST_URL"], step.Environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]) = (address, "secret");

        Assert.Equal(ExitCode.Usage, await step.RunAsync());
    }

    public void Dispose() => File.Delete(_event);

    private async Task<StepRun> RunAsync(string kind, string happened)
    {
        await File.WriteAllTextAsync(_event, happened, TestContext.Current.CancellationToken);
        var step = Step();
        (step.Environment["GITHUB_EVENT_NAME"], step.Environment["GITHUB_EVENT_PATH"]) = (kind, _event);
        Assert.Equal(ExitCode.Usage, await step.RunAsync());
        return step;
    }

    private static StepRun Step() => new(("server", "https://vbox.example.org:8080"), ("id", "vbx-1"), ("mode", "delete"));
}
