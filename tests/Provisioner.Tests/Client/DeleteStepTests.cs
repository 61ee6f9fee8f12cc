using Provisioner.Client;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

public sealed class DeleteStepTests : IAsyncLifetime
{
    private const string Delete = "DELETE /v1/vms/vbx-1";
    private const string Show = "GET /v1/vms/vbx-1";
    private const string Events = "GET /v1/vms/vbx-1/events";
    private const string Runners = "/api/v3/repos/acme/widgets/actions/runners";

    private readonly TestCertificate _authority = new();
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync() => _server = (await ScriptedServer.StartAsync(_authority.Sign()))
        .On(Delete, Answers.Is(Answers.Vm(VmPhase.Deleting)))
        .On(Show, Answers.Is(Answers.Vm(VmPhase.Gone), status: 200))
        .On(Events, Answers.Events(Answers.Change(1, VmPhase.Online), Answers.Change(2, VmPhase.Deleting), Answers.Change(3, VmPhase.Gone, "Nothing is left.")));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
    }

    [Fact(Timeout = 20_000)]
    public async Task A_vm_is_seen_to_go()
    {
        using var step = NewStep();

        Assert.Equal(ExitCode.Ok, await step.RunAsync());
        Assert.Matches(@"deleting +It happened\.\n +\d+\.\d s  gone +Nothing is left\.\n$", step.Log);
        Assert.DoesNotContain("online", step.Log, StringComparison.Ordinal);
    }

    [Theory(Timeout = 20_000)]
    [InlineData(204)]
    [InlineData(404)]
    public async Task Deleting_what_is_not_there_is_success_with_a_notice(int status)
    {
        _server.On(Delete, Answers.Status(status)).On(Show, Answers.Problem(404, "not-found", "There is no such VM."));
        using var step = NewStep();

        Assert.Equal(ExitCode.Ok, await step.RunAsync());
        Assert.Contains("::notice title=Nothing to delete::There is no VM vbx-1 (any more).", step.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task Deleting_what_is_not_there_fails_where_the_workflow_wants_that()
    {
        _server.On(Delete, Answers.Status(204));
        using var step = NewStep(("fail-on-missing", "true"));

        Assert.Equal(ExitCode.NotFound, await step.RunAsync());
    }

    [Fact(Timeout = 20_000)]
    public async Task The_id_of_a_run_is_found_without_outputs_of_the_job_that_created()
    {
        using var step = NewStep(("id", ""));

        await step.RunAsync();

        Assert.Matches("^DELETE /v1/vms/widgets-7001-2-[0-9a-f]{6}$", _server.Requests.First().Call);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_registration_that_the_server_could_not_remove_is_removed_with_the_workflows_token()
    {
        _server.On(Show, Answers.Is(Answers.Vm(VmPhase.Gone) with { RegistrationHeld = true, RunnerId = 23 }, status: 200));
        await using var github = (await ScriptedServer.StartWithoutTlsAsync())
            .On($"DELETE {Runners}/23", Answers.Status(204));
        using var step = NewStep(("token", "ghp_canary"));
        step.Environment["GITHUB_SERVER_URL"] = github.Address.ToString();

        Assert.Equal(ExitCode.Ok, await step.RunAsync());
        Assert.Equal(1, github.Count($"DELETE {Runners}/23"));
        Assert.Contains("Removed runner vbx-1 from acme/widgets", step.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_github_that_sends_the_workflows_token_elsewhere_is_not_followed()
    {
        _server.On(Show, Answers.Is(Answers.Vm(VmPhase.Gone) with { RegistrationHeld = true, RunnerId = 23 }, status: 200));
        await using var elsewhere = await ScriptedServer.StartWithoutTlsAsync();
        await using var github = (await ScriptedServer.StartWithoutTlsAsync()).On($"DELETE {Runners}/23", context =>
        {
            context.Response.Redirect($"{elsewhere.Address}elsewhere");
            return Task.CompletedTask;
        });
        using var step = NewStep(("token", "ghp_canary"));
        step.Environment["GITHUB_SERVER_URL"] = github.Address.ToString();

        Assert.Equal(ExitCode.Ok, await step.RunAsync());
        Assert.Empty(elsewhere.Requests);
        Assert.Contains("::warning title=Registration left::", step.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_runner_that_only_has_the_name_is_not_removed_with_the_workflows_token()
    {
        _server.On(Show, Answers.Is(Answers.Vm(VmPhase.Gone) with { RegistrationHeld = true }, status: 200));
        await using var github = await ScriptedServer.StartWithoutTlsAsync();
        using var step = NewStep(("token", "ghp_canary"));
        step.Environment["GITHUB_SERVER_URL"] = github.Address.ToString();

        Assert.Equal(ExitCode.Ok, await step.RunAsync());
        Assert.Empty(github.Requests);
        Assert.Contains("::warning title=Registration left::", step.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task Without_a_token_a_registration_that_stays_is_told()
    {
        _server.On(Show, Answers.Is(Answers.Vm(VmPhase.Gone) with { RegistrationHeld = true }, status: 200));
        using var step = NewStep();

        Assert.Equal(ExitCode.Ok, await step.RunAsync());
        Assert.Contains("::warning title=Registration left::The runner vbx-1 is still registered at acme/widgets.", step.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_slow_deletion_is_left_to_the_server()
    {
        var time = new ObservedTime();
        _server.On(Events, Answers.EventsThenSilence(Answers.Change(1, VmPhase.Deleting)));
        using var step = NewStep(time, ("timeout", "40s"));

        var running = step.RunAsync();
        await step.ShownAsync("deleting ");
        await time.PassAsync(TimeSpan.FromSeconds(40));

        Assert.Equal(ExitCode.Ok, await running);
        Assert.Contains("::warning title=Still deleting::", step.Log, StringComparison.Ordinal);
    }

    private StepRun NewStep(params (string, string)[] inputs) => NewStep(TimeProvider.System, inputs);

    private StepRun NewStep(TimeProvider time, params (string, string)[] inputs) =>
        new(_server, _authority.AuthorityPem, [("mode", "delete"), .. inputs]) { Time = time };
}
