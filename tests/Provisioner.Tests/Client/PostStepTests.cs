using Provisioner.Client;
using Provisioner.Client.Workflow;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

public sealed class PostStepTests : IAsyncLifetime
{
    private const string Delete = "DELETE /v1/vms/vbx-1";

    private readonly TestCertificate _authority = new();
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync() =>
        _server = (await ScriptedServer.StartAsync(_authority.Sign())).On(Delete, Answers.Is(Answers.Vm(VmPhase.Deleting)));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
    }

    [Theory(Timeout = 20_000)]
    [InlineData("vbx-1", "", 1)]
    [InlineData("vbx-1", "true", 0)]
    [InlineData("", "", 0)]
    public async Task It_takes_a_vm_away_only_where_its_creation_did_not_end_well(string vmId, string ready, int deletes)
    {
        using var step = new StepRun(_server, _authority.AuthorityPem);
        step.Environment["STATE_vm_id"] = vmId;
        step.Environment["STATE_ready"] = ready;

        Assert.Equal(ExitCode.Ok, await step.RunPostAsync());
        Assert.Equal(deletes, _server.Count(Delete));
        Assert.Equal(deletes, _server.Requests.Count);
    }

    [Fact(Timeout = 20_000)]
    public async Task What_it_cannot_take_away_is_a_warning()
    {
        _server.On(Delete, Answers.Problem(401, "unauthenticated", "The token is revoked."));
        using var step = new StepRun(_server, _authority.AuthorityPem);
        step.Environment["STATE_vm_id"] = "vbx-1";

        Assert.Equal(ExitCode.Ok, await step.RunPostAsync());
        Assert.Contains("::warning title=VM may be left::The token is revoked.", step.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/virtualbox-client-post", new string[0], null, true)]
    [InlineData("/virtualbox-client", new[] { "action", "post" }, null, true)]
    [InlineData("/virtualbox-client", new string[0], "true", true)]
    [InlineData("/virtualbox-client", new string[0], null, false)]
    [InlineData("/virtualbox-client", new[] { "action" }, null, false)]
    [InlineData("/virtualbox-client", new[] { "action", "main" }, null, false)]
    public void The_post_stage_is_known_by_name_argument_or_state(string program, string[] arguments, string? started, bool post)
    {
        var environment = new Dictionary<string, string>();
        if (started is not null)
        {
            environment["STATE_started"] = started;
        }

        Assert.Equal(post, WorkflowStep.IsPost(program, arguments, environment));
    }
}
