using Provisioner.Client;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

/// <summary>A step that asks for a VM whose id is known to the server already.</summary>
public sealed class FoundVmTests : IAsyncLifetime
{
    private const string Create = "POST /v1/vms";
    private const string Show = "GET /v1/vms/vbx-1";
    private const string Delete = "DELETE /v1/vms/vbx-1";
    private const string Events = "GET /v1/vms/vbx-1/events";

    private readonly TestCertificate _authority = new();
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync() => _server = (await ScriptedServer.StartAsync(_authority.Sign()))
        .On(Create, Answers.Is(Answers.Vm(VmPhase.Online), status: 200))
        .On(Show, Answers.Is(Answers.Vm(VmPhase.Online), status: 200))
        .On(Events, Answers.EventsThenSilence(Answers.Change(1, VmPhase.Booting), Answers.Change(2, VmPhase.Online)));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
    }

    [Fact(Timeout = 20_000)]
    public async Task Each_step_of_a_run_asks_under_a_key_of_its_own()
    {
        using var first = new StepRun(_server, _authority.AuthorityPem);
        using var second = new StepRun(_server, _authority.AuthorityPem);

        await first.RunAsync();
        await second.RunAsync();

        var keys = _server.Requests.Where(request => request.Call == Create).Select(request => request.Headers["Idempotency-Key"]);
        Assert.Equal(2, keys.Distinct().Count());
    }

    [Fact(Timeout = 20_000)]
    public async Task One_that_is_online_and_free_is_used_again()
    {
        using var step = new StepRun(_server, _authority.AuthorityPem);

        Assert.Equal(ExitCode.Ok, await step.RunAsync());
        Assert.Equal("vbx-1", StepRun.Value(step.Outputs, "label"));
        Assert.Contains("::notice title=VM found::", step.Log, StringComparison.Ordinal);
    }

    [Theory(Timeout = 20_000)]
    [InlineData(VmPhase.Busy, "::error title=VM in use::There is a VM vbx-1 already, and its runner has a job")]
    [InlineData(VmPhase.Deleting, "::error title=VM has ended::There is a VM vbx-1 already, and it is deleting")]
    [InlineData(VmPhase.Gone, "::error title=VM has ended::There is a VM vbx-1 already, and it is gone")]
    public async Task One_that_can_serve_no_more_is_refused_and_left_alone(VmPhase phase, string error)
    {
        _server.On(Create, Answers.Is(Answers.Vm(phase), status: 200));
        using var step = new StepRun(_server, _authority.AuthorityPem);

        Assert.Equal(ExitCode.Failure, await step.RunAsync());
        Assert.Contains(error, step.Log, StringComparison.Ordinal);
        AssertLeftAlone(step);
    }

    [Theory(Timeout = 20_000)]
    [InlineData(VmPhase.Busy)]
    [InlineData(VmPhase.Deleting)]
    [InlineData(VmPhase.Gone)]
    public async Task That_it_was_online_once_does_not_count(VmPhase phase)
    {
        _server.On(Show, Answers.Is(Answers.Vm(phase), status: 200));
        using var step = new StepRun(_server, _authority.AuthorityPem);

        Assert.Equal(ExitCode.Failure, await step.RunAsync());
        AssertLeftAlone(step);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_request_that_is_refused_leaves_the_vm_of_that_id_to_its_owner()
    {
        _server.On(Create, Answers.Problem(409, "id-in-use", "The id vbx-1 is in use by another VM."));
        using var step = new StepRun(_server, _authority.AuthorityPem);

        Assert.Equal(ExitCode.Failure, await step.RunAsync());
        AssertLeftAlone(step);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_refusal_after_an_attempt_without_an_answer_leaves_the_rest_to_the_post_step()
    {
        var time = new ObservedTime();
        _server.On(Create, Answers.Break(), Answers.Problem(503, "disk-full", "The disk is full."));
        using var step = new StepRun(_server, _authority.AuthorityPem) { Time = time };

        var running = step.RunAsync();
        await time.PassAsync(TimeSpan.FromSeconds(0.5));

        Assert.Equal(ExitCode.Capacity, await running);
        Assert.Null(StepRun.Value(step.State, "ready"));
    }

    private void AssertLeftAlone(StepRun step)
    {
        Assert.Equal("", step.Outputs);
        Assert.Equal("true", StepRun.Value(step.State, "ready"));
        Assert.Equal(0, _server.Count(Delete));
    }
}
