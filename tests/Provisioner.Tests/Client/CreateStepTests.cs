using System.Text.Json;
using Provisioner.Client;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

public sealed class CreateStepTests : IAsyncLifetime
{
    private const string Create = "POST /v1/vms";
    private const string Delete = "DELETE /v1/vms/vbx-1";
    private const string Show = "GET /v1/vms/vbx-1";
    private const string Events = "GET /v1/vms/vbx-1/events";

    private readonly TestCertificate _authority = new();
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync() => _server = (await ScriptedServer.StartAsync(_authority.Sign()))
        .On(Create, Answers.Is(Answers.Vm()))
        .On(Delete, Answers.Is(Answers.Vm(VmPhase.Deleting)))
        .On(Events, Answers.EventsThenSilence(Answers.Change(1, VmPhase.Queued), Answers.Change(2, VmPhase.Booting), Answers.Change(3, VmPhase.Online, "Listens for jobs.")));

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
    }

    [Fact(Timeout = 20_000)]
    public async Task The_label_of_a_runner_that_came_online_is_an_output()
    {
        using var step = new StepRun(_server, _authority.AuthorityPem);

        var exit = await step.RunAsync();

        Assert.Equal(ExitCode.Ok, exit);
        Assert.Equal("vbx-1", StepRun.Value(step.Outputs, "label"));
        Assert.Equal("vbx-1", StepRun.Value(step.Outputs, "vm-id"));
        Assert.Equal("vbx-1", StepRun.Value(step.Outputs, "runner-name"));
        Assert.Equal("true", StepRun.Value(step.State, "ready"));
        Assert.Contains("| host-1 |", step.Summary, StringComparison.Ordinal);
        Assert.Equal(0, _server.Count(Delete));
    }

    [Fact(Timeout = 20_000)]
    public async Task Each_change_is_one_line_of_the_log()
    {
        using var step = new StepRun(_server, _authority.AuthorityPem);

        await step.RunAsync();

        Assert.Matches(@"\n +\d+\.\d s  queued +It happened\.\n +\d+\.\d s  booting +It happened\.\n +\d+\.\d s  online +Listens for jobs\.\n", step.Log);
    }

    [Fact(Timeout = 20_000)]
    public async Task The_request_holds_what_the_workflow_asked_for()
    {
        using var step = new StepRun(_server, _authority.AuthorityPem, ("cpus", "4"), ("memory", "8G"), ("disk", "64G"), ("ttl", "90m"), ("labels", "gpu, sgx"));

        await step.RunAsync();

        var request = _server.Requests.First();
        var asked = JsonSerializer.Deserialize(request.Body, WireJson.Default.CreateVm)!;
        Assert.Equal(("debian-12", "vbx-1", "acme/widgets"), (asked.Image, asked.Id, asked.Repository));
        Assert.Equal((4, 8192, 65536, TimeSpan.FromMinutes(90)), (asked.Cpus, asked.Memory, asked.Disk, asked.Lifetime));
        Assert.Equal(["gpu", "sgx"], asked.Labels);
        Assert.Equal((7001, 2), (asked.Run!.Id, asked.Run.Attempt));
        Assert.Equal($"Bearer {StepRun.Token}", request.Headers["Authorization"]);
    }

    [Fact(Timeout = 20_000)]
    public async Task The_vm_is_noted_for_the_post_step_before_it_is_asked_for()
    {
        using var step = new StepRun(_server, _authority.AuthorityPem);
        string? noted = null;
        _server.On(Create, context =>
        {
            noted = StepRun.Value(step.State, "vm_id");
            return Answers.Is(Answers.Vm())(context);
        });

        await step.RunAsync();

        Assert.Equal("vbx-1", noted);
    }

    [Fact(Timeout = 20_000)]
    public async Task Secrets_are_masked_first_and_printed_nowhere()
    {
        using var step = new StepRun(_server, _authority.AuthorityPem, ("token", "ghp_canary"));

        await step.RunAsync();

        Assert.StartsWith($"::add-mask::{StepRun.Token}\n::add-mask::ghp_canary\n", step.Log, StringComparison.Ordinal);
        var rest = step.Log.Split('\n', 3)[2] + step.Outputs + step.State + step.Summary;
        Assert.DoesNotContain("canary", rest, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_request_whose_reply_is_lost_is_repeated_under_the_same_key()
    {
        var time = new ObservedTime();
        _server.On(Create, Answers.Break(), Answers.Is(Answers.Vm(), status: 200)).On(Show, Answers.Is(Answers.Vm(VmPhase.Online), status: 200));
        using var step = new StepRun(_server, _authority.AuthorityPem) { Time = time };

        var running = step.RunAsync();
        await time.PassAsync(TimeSpan.FromSeconds(0.5));

        Assert.Equal(ExitCode.Ok, await running);
        var keys = _server.Requests.Where(request => request.Call == Create).Select(request => request.Headers["Idempotency-Key"]).ToList();
        Assert.Equal(2, keys.Count);
        Assert.Single(keys.Distinct());
    }

    [Fact(Timeout = 20_000)]
    public async Task A_broken_event_stream_goes_on_after_the_last_event()
    {
        var time = new ObservedTime();
        var read = new TaskCompletionSource();
        _server.On(Events, Answers.EventsThenBreak(read.Task, Answers.Change(7, VmPhase.Booting)), Answers.EventsThenSilence(Answers.Change(8, VmPhase.Online)));
        using var step = new StepRun(_server, _authority.AuthorityPem) { Time = time };

        var running = step.RunAsync();
        await step.ShownAsync("booting");
        read.SetResult();
        await time.PassAsync(TimeSpan.FromSeconds(0.5));

        Assert.Equal(ExitCode.Ok, await running);
        var streams = _server.Requests.Where(request => request.Call == Events).Select(request => request.Headers["Last-Event-ID"]);
        Assert.Equal(["0", "7"], streams);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_stream_without_heartbeats_is_opened_again()
    {
        var time = new ObservedTime();
        _server.On(Events, Answers.Silence(), Answers.EventsThenSilence(Answers.Change(1, VmPhase.Online)));
        using var step = new StepRun(_server, _authority.AuthorityPem) { Time = time };

        var running = step.RunAsync();
        await time.PassAsync(TimeSpan.FromSeconds(60));
        await time.PassAsync(TimeSpan.FromSeconds(0.5));

        Assert.Equal(ExitCode.Ok, await running);
        Assert.Equal(2, _server.Count(Events));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_server_that_stays_away_is_given_up_after_five_minutes()
    {
        var time = new ObservedTime();
        _server.On(Events, Answers.Break());
        using var step = new StepRun(_server, _authority.AuthorityPem) { Time = time };

        var running = step.RunAsync();
        foreach (var pause in new[] { 0.5, 1, 2, 4, 8 }.Concat(Enumerable.Repeat(15.0, 19)))
        {
            await time.PassAsync(TimeSpan.FromSeconds(pause));
        }

        Assert.Equal(ExitCode.Unreachable, await running);
        Assert.Contains("The server does not answer: ", step.Log, StringComparison.Ordinal);
        Assert.Contains("for at most 5m in all", step.Log, StringComparison.Ordinal);
        Assert.Equal(1, _server.Count(Delete));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_vm_whose_runner_is_not_online_in_time_is_deleted()
    {
        var time = new ObservedTime();
        var booting = new TaskCompletionSource();
        _server.On(Events, async context =>
        {
            await Answers.Events(Answers.Change(1, VmPhase.Booting, "The guest boots."))(context);
            booting.SetResult();
            await Answers.Never()(context);
        });
        using var step = new StepRun(_server, _authority.AuthorityPem, ("timeout", "40s")) { Time = time };

        var running = step.RunAsync();
        await booting.Task;
        await step.ShownAsync("The guest boots.");
        await time.PassAsync(TimeSpan.FromSeconds(40));

        Assert.Equal(ExitCode.Timeout, await running);
        Assert.Equal(1, _server.Count(Delete));
        Assert.Contains("not online after 40s; last it was booting: The guest boots.", step.Log, StringComparison.Ordinal);
        Assert.Null(StepRun.Value(step.State, "ready"));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_failure_is_told_with_cause_remedy_and_a_console_that_can_command_nothing()
    {
        var failure = new VmFailure("guest-failed", "The guest failed: no disk.", "Bake the image again.", "boot\n::error::forged\n\u001b[2J##[add-mask]x");
        _server.On(Events, Answers.EventsThenSilence(Answers.Change(1, VmPhase.Deleting, "failed", failure)));
        using var step = new StepRun(_server, _authority.AuthorityPem);

        var exit = await step.RunAsync();

        Assert.Equal(ExitCode.Failure, exit);
        Assert.Contains("::error title=VM failed (guest-failed)::The guest failed: no disk. Bake the image again.\n", step.Log, StringComparison.Ordinal);
        Assert.Matches(@"::stop-commands::(\w{32})\n  boot\n  : :error::forged\n  \\x1b\[2J# #\[add-mask\]x\n::\1::\n", step.Log);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_step_that_is_interrupted_deletes_its_vm()
    {
        using var interruption = new CancellationTokenSource();
        _server.On(Events, Answers.EventsThenSilence(Answers.Change(1, VmPhase.Booting)));
        using var step = new StepRun(_server, _authority.AuthorityPem) { Interrupted = interruption.Token };

        var running = step.RunAsync();
        await _server.SeenAsync(Events);
        await interruption.CancelAsync();

        Assert.Equal(ExitCode.Interrupted, await running);
        Assert.Equal(1, _server.Count(Delete));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_request_that_is_interrupted_is_deleted_once_the_server_knows_it()
    {
        var time = new ObservedTime();
        using var interruption = new CancellationTokenSource();
        _server.On(Create, Answers.Never()).On(Delete, Answers.Status(204), Answers.Is(Answers.Vm(VmPhase.Deleting)));
        using var step = new StepRun(_server, _authority.AuthorityPem) { Time = time, Interrupted = interruption.Token };

        var running = step.RunAsync();
        await _server.SeenAsync(Create);
        await interruption.CancelAsync();
        await time.PassAsync(TimeSpan.FromSeconds(1));

        Assert.Equal(ExitCode.Interrupted, await running);
        Assert.Equal(2, _server.Count(Delete));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_vm_that_was_there_before_is_not_deleted_when_this_step_gives_up()
    {
        using var interruption = new CancellationTokenSource();
        _server.On(Create, Answers.Is(Answers.Vm(), status: 200)).On(Events, Answers.EventsThenSilence());
        using var step = new StepRun(_server, _authority.AuthorityPem) { Interrupted = interruption.Token };

        var running = step.RunAsync();
        await _server.SeenAsync(Events);
        await interruption.CancelAsync();

        Assert.Equal(ExitCode.Interrupted, await running);
        Assert.Equal(0, _server.Count(Delete));
        Assert.Equal("true", StepRun.Value(step.State, "ready"));
    }
}
