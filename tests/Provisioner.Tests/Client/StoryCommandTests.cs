using System.Text.Json;
using Provisioner.Client;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

/// <summary><c>explain</c>, <c>logs</c> and <c>events</c>: what became of VMs, and why.</summary>
public sealed class StoryCommandTests : IAsyncLifetime
{
    private static readonly VmFailure Silent = new(ProblemCode.GuestSilent, "The guest did not report.", "See that the image boots.", "line one\n\u001b[2Jline two");

    private OperatorRun _operator = null!;

    public async ValueTask InitializeAsync() => _operator = await OperatorRun.StartAsync();

    public ValueTask DisposeAsync() => _operator.DisposeAsync();

    [Fact(Timeout = 20_000)]
    public async Task A_vm_that_waits_is_explained_with_what_it_lacks_what_would_help_and_until_when()
    {
        var until = TimeProvider.System.GetUtcNow().AddMinutes(90.5);
        _operator.Server.On("GET /v1/vms/vbx-1", Answers.Is(Answers.Vm() with
        {
            Explanation = "Waits.", Position = 2, Lack = "1 of 1 VMs are in use", Relief = "A VM ends.", Deadline = new VmDeadline(until, "It is given up."),
        }, status: 200));

        Assert.Equal(ExitCode.Ok, await _operator.RunAsync("explain", "vbx-1"));
        Assert.Equal(
            $"vbx-1 is queued.\nwhy         Waits.\nposition    2\nlacks       1 of 1 VMs are in use\nwould help  A VM ends.\nnext        in 1h30m, at {until:u}: It is given up.\n",
            _operator.Out.ToString());
    }

    [Fact(Timeout = 20_000)]
    public async Task A_vm_that_failed_is_explained_with_the_remedy_the_page_and_its_last_lines()
    {
        _operator.Server.On("GET /v1/vms/vbx-1", Answers.Is(Answers.Vm(VmPhase.Gone) with { Failure = Silent }, status: 200));

        Assert.Equal(ExitCode.Ok, await _operator.RunAsync("explain", "vbx-1"));
        Assert.Equal(
            "vbx-1 is gone, and has failed.\nwhy         Waits for room.\nfailure     guest-silent\ncause       The guest did not report.\nremedy      See that the image boots.\n" +
            "read        docs/reference/problem-codes.md#guest-silent\nLast lines of the guest's console:\n  line one\n  \\x1b[2Jline two\n",
            _operator.Out.ToString());

        _operator.Out.Clear();
        await _operator.RunAsync("explain", "vbx-1", "--format", "json");
        var json = JsonDocument.Parse(_operator.Out.ToString()).RootElement;
        Assert.Equal(("gone", "guest-silent"), (json.GetProperty("phase").GetString(), json.GetProperty("failure").GetProperty("code").GetString()));
        Assert.False(json.TryGetProperty("lack", out _));
    }

    [Fact(Timeout = 20_000)]
    public async Task Logs_show_the_life_so_far_and_the_end_of_it()
    {
        _operator.Server.On("GET /v1/vms/vbx-1/events", Answers.Events(Answers.Change(1, VmPhase.Booting), Answers.Change(2, VmPhase.Deleting, "Silence.", Silent)));

        Assert.Equal(ExitCode.Ok, await _operator.RunAsync("logs", "vbx-1"));
        Assert.Matches(
            @"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ  vbx-1 +booting +It happened\.\n.*Z  vbx-1 +deleting +Silence\.\n" +
            @"It failed \(guest-silent\): The guest did not report\. See that the image boots\.\nLast lines of the guest's console:\n  line one\n  \\x1b\[2Jline two\n$",
            _operator.Out.ToString());

        _operator.Out.Clear();
        await _operator.RunAsync("logs", "vbx-1", "--format", "json");
        Assert.Equal([1L, 2L], Sequences());
        Assert.Equal(ExitCode.NotFound, await _operator.RunAsync("logs", "vbx-2"));
    }

    [Fact(Timeout = 20_000)]
    public async Task A_life_whose_stream_breaks_is_read_on_to_its_end()
    {
        var time = new ObservedTime();
        var read = new TaskCompletionSource();
        _operator.Server.On("GET /v1/vms/vbx-1/events", Answers.EventsThenBreak(read.Task, Answers.Change(1, VmPhase.Booting)), Answers.Events(Answers.Change(2, VmPhase.Online)));

        var running = _operator.RunAsync(time, "logs", "vbx-1", "--format", "json");
        read.SetResult();
        await time.PassAsync(TimeSpan.FromSeconds(0.5));

        Assert.Equal(ExitCode.Ok, await running);
        Assert.Equal("2", Sequences()[^1].ToString());
    }

    [Fact(Timeout = 20_000)]
    public async Task Events_of_all_vms_are_read_or_followed()
    {
        _operator.Server.On("GET /v1/events", Answers.Events(Answers.Change(1, VmPhase.Online), Answers.Change(2, VmPhase.Gone) with { VmId = "vbx-2" }));

        Assert.Equal(ExitCode.Ok, await _operator.RunAsync("events", "--last", "5", "--format", "json"));
        Assert.Equal([1L, 2L], Sequences());

        _operator.Out.Clear();
        Assert.Equal(ExitCode.Ok, await _operator.RunAsync("events"));
        Assert.Matches("Z  vbx-1 +online +It happened.\n.*Z  vbx-2 +gone +It happened.\n$", _operator.Out.ToString());
        Assert.Equal(ExitCode.Usage, await _operator.RunAsync("events", "--last", "1001"));

        using var stop = new CancellationTokenSource();
        _operator.Server.On("GET /v1/events", Answers.EventsThenSilence(Answers.Change(3, VmPhase.Online)));
        var following = _operator.RunAsync(TimeProvider.System, terminal: null, stop.Token, "events", "-f", "--format", "json");
        await _operator.Out.ShownAsync("\"sequence\":3");
        await stop.CancelAsync();
        Assert.Equal(ExitCode.Interrupted, await following);
    }

    private List<long> Sequences() =>
        [.. _operator.Out.ToString().TrimEnd().Split('\n').Select(line => JsonSerializer.Deserialize(line, WireJson.Default.VmEvent)!.Sequence)];
}
