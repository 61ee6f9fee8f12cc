using Provisioner.Client;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

/// <summary>What an interrupted step does with the seconds that the runner leaves it.</summary>
public sealed class PartingDeleteTests : IAsyncLifetime
{
    private const string Create = "POST /v1/vms";
    private const string Delete = "DELETE /v1/vms/vbx-1";
    private const string Events = "GET /v1/vms/vbx-1/events";

    private readonly TestCertificate _authority = new();
    private readonly CancellationTokenSource _interruption = new();
    private readonly ObservedTime _time = new();
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync() => _server = (await ScriptedServer.StartAsync(_authority.Sign()))
        .On(Create, Answers.Is(Answers.Vm()))
        .On(Delete, Answers.Is(Answers.Vm(VmPhase.Deleting)))
        .On(Events, Answers.EventsThenSilence(Answers.Change(1, VmPhase.Booting)));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
        _interruption.Dispose();
    }

    [Fact(Timeout = 20_000)]
    public async Task A_delete_without_an_answer_is_sent_again_over_another_connection()
    {
        _server.On(Delete, Answers.Never(), Answers.Is(Answers.Vm(VmPhase.Deleting)));
        using var step = NewStep();

        var running = await InterruptAsync(step, Events);
        await _server.SeenAsync(Delete);
        await _time.PassAsync(TimeSpan.FromSeconds(2));
        await _time.PassAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(ExitCode.Interrupted, await running);
        Assert.Contains("VM vbx-1 is being deleted.", step.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_server_that_breaks_connections_is_asked_until_the_seconds_are_over()
    {
        _server.On(Delete, Answers.Break());
        using var step = NewStep();

        var running = await InterruptAsync(step, Events);
        for (var second = 0; second < 5; second++)
        {
            await _time.PassAsync(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(ExitCode.Interrupted, await running);
        Assert.Contains("could not be deleted now. If it exists, the server removes it when its lifetime is over.", step.Log, StringComparison.Ordinal);
        Assert.Null(StepRun.Value(step.State, "ready"));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_refused_delete_is_not_sent_again()
    {
        _server.On(Delete, Answers.Problem(401, "unauthenticated", "The token is revoked."));
        using var step = NewStep();

        var running = await InterruptAsync(step, Events);

        Assert.Equal(ExitCode.Interrupted, await running);
        Assert.Contains("could not be deleted now (The token is revoked).", step.Log, StringComparison.Ordinal);
        Assert.Equal(1, _server.Count(Delete));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_delete_step_that_is_interrupted_before_the_answer_sends_its_delete_again()
    {
        _server.On(Delete, Answers.Never(), Answers.Is(Answers.Vm(VmPhase.Deleting)));
        using var step = NewStep(("mode", "delete"));

        var running = await InterruptAsync(step, Delete);

        Assert.Equal(ExitCode.Interrupted, await running);
        Assert.Equal(2, _server.Count(Delete));
        Assert.Contains("VM vbx-1 is being deleted.", step.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_post_step_that_is_interrupted_before_the_answer_sends_its_delete_again()
    {
        _server.On(Delete, Answers.Never(), Answers.Is(Answers.Vm(VmPhase.Deleting)));
        using var step = NewStep();
        step.Environment["STATE_vm_id"] = "vbx-1";

        var running = step.RunPostAsync();
        await _server.SeenAsync(Delete);
        await _interruption.CancelAsync();

        Assert.Equal(ExitCode.Interrupted, await running);
        Assert.Equal(2, _server.Count(Delete));
    }

    [Fact(Timeout = 20_000)]
    public async Task Where_no_request_ever_left_there_is_nothing_to_delete()
    {
        using var step = NewStep(("server", "https://localhost:1"));

        var running = step.RunAsync();
        await step.ShownAsync("Trying again");
        await _interruption.CancelAsync();

        Assert.Equal(ExitCode.Interrupted, await running);
        Assert.Contains("VM vbx-1 was never asked for", step.Log, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_step_that_is_cancelled_as_its_runner_comes_online_deletes_its_vm()
    {
        _server.On(Events, async context =>
        {
            await _interruption.CancelAsync();
            await Answers.EventsThenSilence(Answers.Change(1, VmPhase.Online))(context);
        });
        using var step = NewStep();

        Assert.Equal(ExitCode.Interrupted, await step.RunAsync());
        Assert.Equal(1, _server.Count(Delete));
        Assert.Null(StepRun.Value(step.State, "ready"));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_step_that_is_cancelled_while_it_writes_its_outputs_deletes_its_vm()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such pipes.");
        _server.On(Events, Answers.EventsThenSilence(Answers.Change(1, VmPhase.Online)));
        using var step = NewStep();
        var pipe = step.Environment["GITHUB_OUTPUT"];
        using var made = System.Diagnostics.Process.Start("mkfifo", pipe);
        await made.WaitForExitAsync(TestContext.Current.CancellationToken);

        var running = Task.Run(step.RunAsync, TestContext.Current.CancellationToken);
        await step.ShownAsync(" online ");
        await _interruption.CancelAsync();
        await using var reader = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

        Assert.Equal(ExitCode.Interrupted, await running);
        Assert.Equal(1, _server.Count(Delete));
        Assert.Null(StepRun.Value(step.State, "ready"));
    }

    private async Task<Task<ExitCode>> InterruptAsync(StepRun step, string call)
    {
        var running = step.RunAsync();
        await _server.SeenAsync(call);
        await _interruption.CancelAsync();
        return running;
    }

    private StepRun NewStep(params (string, string)[] inputs) =>
        new(_server, _authority.AuthorityPem, inputs) { Time = _time, Interrupted = _interruption.Token };
}
