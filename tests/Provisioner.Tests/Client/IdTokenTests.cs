using Microsoft.IdentityModel.JsonWebTokens;
using Provisioner.Client;
using Provisioner.GitHubSimulator;
using Provisioner.GitHubSimulator.Faults;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

/// <summary>A step without an API token proves who it is by GitHub's: asked for with the right audience, masked, and fresh each time.</summary>
public sealed class IdTokenTests : IAsyncLifetime
{
    private const string IdTokenCall = "GET /_services/token/idtoken";

    private readonly TestCertificate _authority = new();
    private ScriptedServer _server = null!;
    private Simulator _gitHub = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync(_authority.Sign());
        _gitHub = await Simulator.StartAsync(new SimulatorOptions(), TimeProvider.System, TestContext.Current.CancellationToken);
        _server.On("DELETE /v1/vms/vbx-1", Answers.Status(204));
    }

    public async ValueTask DisposeAsync()
    {
        await _gitHub.DisposeAsync();
        await _server.DisposeAsync();
        _authority.Dispose();
    }

    [Fact(Timeout = 20_000)]
    public async Task Each_request_carries_a_new_token_for_the_servers_address_masked_before_it_is_sent()
    {
        using var step = Step(("mode", "delete"));
        await step.GrantIdTokensAsync(_gitHub);

        Assert.Equal(ExitCode.Ok, await step.RunAsync());

        var sent = Sent();
        Assert.Equal(2, sent.Distinct().Count());
        Assert.All(sent, token => Assert.Equal([_server.Address.GetLeftPart(UriPartial.Authority)], new JsonWebToken(token).Audiences));
        Assert.All(sent, token => Assert.Contains($"::add-mask::{token}\n", step.Log, StringComparison.Ordinal));
        Assert.DoesNotContain(step.Log.Split('\n'), line => line.Contains("eyJ", StringComparison.Ordinal) && !line.StartsWith("::add-mask::", StringComparison.Ordinal));
        Assert.StartsWith($"::add-mask::{step.Environment["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]}\n", step.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task The_audience_can_be_another_than_the_address()
    {
        using var step = Step(("mode", "delete"), ("audience", "vbox of acme & co".Replace(' ', '-')));
        await step.GrantIdTokensAsync(_gitHub);

        Assert.Equal(ExitCode.Ok, await step.RunAsync());

        Assert.All(Sent(), token => Assert.Equal(["vbox-of-acme-&-co"], new JsonWebToken(token).Audiences));
    }

    [Fact(Timeout = 20_000)]
    public async Task An_api_token_is_used_where_one_is_given()
    {
        using var step = new StepRun(_server, _authority.AuthorityPem, ("mode", "delete"));
        await step.GrantIdTokensAsync(_gitHub);

        Assert.Equal(ExitCode.Ok, await step.RunAsync());

        Assert.All(Sent(), token => Assert.Equal(StepRun.Token, token));
        Assert.DoesNotContain(IdTokenCall, _gitHub.Seen.Calls());
    }

    [Fact(Timeout = 20_000)]
    public async Task The_post_step_takes_away_what_was_left_with_a_token_of_its_own()
    {
        using var step = Step();
        await step.GrantIdTokensAsync(_gitHub);
        (step.Environment["STATE_started"], step.Environment["STATE_vm_id"]) = ("true", Answers.Id);

        Assert.Equal(ExitCode.Ok, await step.RunPostAsync());

        Assert.Equal("DELETE /v1/vms/vbx-1", Assert.Single(_server.Requests).Call);
        Assert.Contains($"::add-mask::{Assert.Single(Sent())}\n", step.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_github_that_fails_for_a_moment_is_asked_again()
    {
        var time = new ObservedTime();
        _gitHub.Faults.Add(new Fault { Path = "/idtoken", Status = 503 });
        using var step = Step(time, ("mode", "delete"));
        await step.GrantIdTokensAsync(_gitHub);

        var running = step.RunAsync();
        await time.PassAsync(TimeSpan.FromSeconds(0.5));

        Assert.Equal(ExitCode.Ok, await running);
        Assert.Contains("GitHub gave this job no identity token: it answered 503.", step.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_vm_is_never_asked_for_where_github_refuses()
    {
        _gitHub.Faults.Add(new Fault { Path = "/idtoken", Status = 403, Times = 10 });
        using var step = Step();
        await step.GrantIdTokensAsync(_gitHub);

        Assert.Equal(ExitCode.Denied, await step.RunAsync());
        Assert.Contains("GitHub refused to give this job an identity token: it answered 403.", step.Log, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Theory(Timeout = 20_000)]
    [InlineData(200, "<html>")]
    [InlineData(200, """["value"]""")]
    [InlineData(200, """{"count":1}""")]
    [InlineData(200, """{"value":"canary\n::set-output name=x::y"}""")]
    [InlineData(200, """{"value":"canary token"}""")]
    [InlineData(302, "canary")]
    public async Task What_is_no_token_is_neither_sent_nor_shown(int status, string body)
    {
        _gitHub.Faults.Add(new Fault { Path = "/idtoken", Status = status, Body = body, Times = 10, Headers = new Dictionary<string, string> { ["Location"] = $"{_server.Address}stolen" } });
        using var step = Step();
        await step.GrantIdTokensAsync(_gitHub);

        Assert.Equal(ExitCode.Denied, await step.RunAsync());
        Assert.DoesNotContain("canary", step.Log, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    private StepRun Step(params (string Name, string Value)[] inputs) => Step(TimeProvider.System, inputs);

    private StepRun Step(TimeProvider time, params (string Name, string Value)[] inputs) =>
        new([("server", _server.Address.ToString()), ("ca-cert", _authority.AuthorityPem), ("id", Answers.Id), ("mode", "create"), ("image", "debian-12"), .. inputs]) { Time = time };

    private List<string> Sent() => [.. _server.Requests.Select(request => request.Headers["Authorization"]["Bearer ".Length..])];
}
