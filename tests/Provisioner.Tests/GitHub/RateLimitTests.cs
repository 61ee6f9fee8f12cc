using System.Net;
using Microsoft.Extensions.Time.Testing;
using Provisioner.GitHub;
using static Provisioner.Tests.GitHub.SimulatedGitHub;

namespace Provisioner.Tests.GitHub;

public sealed class RateLimitTests
{
    private const string Secondary = """{"message":"You have exceeded a secondary rate limit. Please wait a few minutes."}""";

    [Fact(Timeout = 20_000)]
    public async Task When_the_hours_calls_are_used_up_nothing_is_sent_until_the_reset()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var github = await StartAsync(time);
        github.Fail(new()
        {
            Status = 403,
            Headers = new Dictionary<string, string>
            {
                ["x-ratelimit-remaining"] = "0",
                ["x-ratelimit-reset"] = $"{time.GetUtcNow().AddMinutes(20).ToUnixTimeSeconds()}",
            },
        });

        var first = await FindRefusedAsync(github);
        var second = await FindRefusedAsync(github);

        Assert.Equal(GitHubFault.RateLimited, first.Fault);
        Assert.InRange(first.RetryAfter!.Value, TimeSpan.FromMinutes(19.9), TimeSpan.FromMinutes(20));
        Assert.Equal(GitHubFault.RateLimited, second.Fault);
        Assert.Single(github.Asked());
        time.Advance(TimeSpan.FromMinutes(21));
        Assert.Null(await github.Runners.FindAsync(Repository, "vm-1", Cancelled));
    }

    [Theory(Timeout = 20_000)]
    [InlineData(403, "90", 90)]
    [InlineData(429, "90", 90)]
    [InlineData(429, null, 60)]
    [InlineData(403, null, 60)]
    public async Task A_secondary_limit_is_obeyed(int status, string? retryAfter, int seconds)
    {
        await using var github = await StartAsync();
        github.Fail(new()
        {
            Status = status,
            Body = Secondary,
            Headers = retryAfter is null ? null : new Dictionary<string, string> { ["Retry-After"] = retryAfter },
        });

        var refused = await FindRefusedAsync(github);

        Assert.Equal(GitHubFault.RateLimited, refused.Fault);
        Assert.Equal(TimeSpan.FromSeconds(seconds), refused.RetryAfter);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_limit_that_goes_on_is_waited_for_twice_as_long()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var github = await StartAsync(time);
        github.Fail(new() { Status = 403, Body = Secondary, Times = 2 });

        var first = await FindRefusedAsync(github);
        time.Advance(first.RetryAfter!.Value);
        var second = await FindRefusedAsync(github);

        Assert.Equal(TimeSpan.FromMinutes(2), second.RetryAfter);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_limit_of_seconds_is_waited_out_even_by_a_registration()
    {
        await using var github = await StartAsync();
        github.Fail(new()
        {
            Path = "generate-jitconfig",
            Status = 429,
            Headers = new Dictionary<string, string> { ["Retry-After"] = "2" },
        });

        var registered = await github.Runners.RegisterAsync(Repository, "vm-1", ["vm-1"], Cancelled);

        Assert.Equal(registered.Id, Assert.Single(github.Board.Runners(Repository.ToString())).Id);
    }

    [Fact(Timeout = 20_000)]
    public async Task Registrations_have_a_limit_of_their_own()
    {
        await using var github = await StartAsync();
        github.Fail(new() { Path = "generate-jitconfig", Status = 429, Body = Secondary });

        await Assert.ThrowsAsync<GitHubException>(() => github.Runners.RegisterAsync(Repository, "vm-1", ["vm-1"], Cancelled));

        Assert.Null(await github.Runners.FindAsync(Repository, "vm-1", Cancelled));
    }

    [Fact(Timeout = 60_000)]
    public async Task We_stop_by_ourselves_below_the_900_points_that_GitHub_allows_in_a_minute()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var github = await StartAsync(time);
        for (var call = 0; call < 160; call++)
        {
            await github.Runners.RemoveAsync(Repository, github.Existing($"vm-{call}").Id, Cancelled);
        }

        var refused = await FindRefusedAsync(github);

        Assert.Equal((GitHubFault.RateLimited, TimeSpan.FromMinutes(1)), (refused.Fault, refused.RetryAfter));
        Assert.Equal(160, github.Asked().Count);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await github.Runners.FindAsync(Repository, "vm-1", Cancelled));
    }

    [Fact(Timeout = 60_000)]
    public async Task Registrations_and_everything_else_share_the_points_of_a_minute()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var github = await StartAsync(time);
        for (var vm = 0; vm < 80; vm++)
        {
            var registered = await github.Runners.RegisterAsync(Repository, $"vm-{vm}", [$"vm-{vm}"], Cancelled);
            await github.Runners.RemoveAsync(Repository, registered.Id, Cancelled);
        }

        var refused = await FindRefusedAsync(github);

        Assert.Equal((GitHubFault.RateLimited, TimeSpan.FromMinutes(1)), (refused.Fault, refused.RetryAfter));
        Assert.Equal(160, github.Asked().Count);
    }

    [Fact(Timeout = 20_000)]
    public void What_was_under_way_when_a_call_was_refused_does_not_open_what_that_closed()
    {
        var time = new FakeTimeProvider();
        var limits = new RateLimits(time);
        var call = new RestCall(HttpMethod.Get, "repos") { MayRepeat = true, Account = "acme" };
        using var answer = new HttpResponseMessage();
        var earlier = time.GetTimestamp();
        time.Advance(TimeSpan.FromSeconds(1));
        limits.Note(call, time.GetTimestamp(), HttpStatusCode.TooManyRequests, answer.Headers, Secondary);

        limits.Note(call, earlier, HttpStatusCode.OK, answer.Headers, "");

        Assert.NotNull(limits.Take(call));
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(limits.Take(call));
        limits.Note(call, time.GetTimestamp(), HttpStatusCode.OK, answer.Headers, "");
        Assert.Equal(TimeSpan.FromMinutes(1), limits.Note(call, time.GetTimestamp(), HttpStatusCode.TooManyRequests, answer.Headers, Secondary));
    }

    private static Task<GitHubException> FindRefusedAsync(SimulatedGitHub github) =>
        Assert.ThrowsAsync<GitHubException>(() => github.Runners.FindAsync(Repository, "vm-1", Cancelled));
}
