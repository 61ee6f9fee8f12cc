using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Provisioner.Client;
using Provisioner.Client.Commands;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

/// <summary><c>top</c>: once where nobody watches, and again and again on a terminal.</summary>
public sealed class TopCommandTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private static readonly HostView Host = new()
    {
        Name = "host-1", Own = true, Up = true, Vms = 2, Waiting = 1, Room = new HostRoom(8, null, null, null), Held = new HostRoom(2, null, null, null),
    };

    private OperatorRun _operator = null!;

    public async ValueTask InitializeAsync() => _operator = await OperatorRun.StartAsync();

    public ValueTask DisposeAsync() => _operator.DisposeAsync();

    [Fact]
    public void The_page_has_hosts_a_sum_and_the_vms_of_which_those_that_work_come_first()
    {
        var page = TopPage.Of([Host], [Vm("gone", VmPhase.Gone, 1), Vm("old", VmPhase.Busy, 60), Vm("leaving", VmPhase.Deleting, 90), Vm("new", VmPhase.Queued, 5)], Noon, height: null);

        Assert.Equal("3 VMs: 1 queued, 1 busy, 1 deleting", page[3]);
        Assert.Equal(["old", "new", "leaving"], page.Skip(5).Select(line => line.Split(' ')[0]));
        Assert.Matches("^old +busy +debian-12 +acme/widgets +host-1 +1h +in 30m +Waits for room\\.$", page[5]);
        Assert.Equal(["No VM."], TopPage.Of(null, [], Noon, height: null));
    }

    [Theory]
    [InlineData(7, "… and 9 more")]
    [InlineData(8, "… and 8 more")]
    [InlineData(15, null)]
    [InlineData(3, null)]
    [InlineData(1, null)]
    public void The_page_is_no_longer_than_its_place(int height, string? last)
    {
        var page = TopPage.Of([Host], [.. Enumerable.Range(0, 10).Select(number => Vm($"vm-{number}", VmPhase.Busy, number))], Noon, height);

        Assert.True(page.Count <= height);
        Assert.Equal(last, page[^1].StartsWith('…') ? page[^1] : null);
    }

    [Fact(Timeout = 20_000)]
    public async Task Elsewhere_than_on_a_terminal_it_is_written_once_and_hosts_only_to_who_may_see_them()
    {
        _operator.Server.On("GET /v1/vms", Answers.Are(Answers.Vm(VmPhase.Online))).On("GET /v1/hosts", Answers.Problem(403, ProblemCode.Forbidden, "This caller may not see the host."));

        Assert.Equal(ExitCode.Ok, await _operator.RunAsync(TimeProvider.System, terminal: null, TestContext.Current.CancellationToken, "top"));
        Assert.StartsWith("1 VM: 1 online\nID ", _operator.Out.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", _operator.Out.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await _operator.RunAsync(TimeProvider.System, () => (80, 24), TestContext.Current.CancellationToken, "top", "--once"));
        Assert.DoesNotContain("\u001b", _operator.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task On_a_terminal_it_is_drawn_anew_over_a_server_that_is_away_and_leaves_the_screen_as_it_was()
    {
        var time = new ObservedTime();
        using var stop = new CancellationTokenSource();
        _operator.Server.On("GET /v1/hosts", Are(Host), Answers.Status(503), Are(Host))
            .On("GET /v1/vms", Answers.Are(Answers.Vm(VmPhase.Booting)), Answers.Are(Answers.Vm(VmPhase.Busy)));

        var running = _operator.RunAsync(time, () => (200, 24), stop.Token, "top");
        await _operator.Out.ShownAsync("1 booting");
        await time.PassAsync(TimeSpan.FromSeconds(2));
        await _operator.Out.ShownAsync("The server answered 503");
        await time.PassAsync(TimeSpan.FromSeconds(2));
        await _operator.Out.ShownAsync("1 busy");
        await stop.CancelAsync();

        Assert.Equal(ExitCode.Ok, await running);
        Assert.StartsWith("\u001b[?1049h", _operator.Out.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("\u001b[?25h\u001b[?1049l", _operator.Out.ToString(), StringComparison.Ordinal);
        Assert.Empty(_operator.Error.ToString());
    }

    private static VmView Vm(string id, VmPhase phase, int minutes) =>
        Answers.Vm(phase) with { Id = id, CreatedAt = Noon.AddMinutes(-minutes), Deadline = new VmDeadline(Noon.AddMinutes(30), "It goes.") };

    private static RequestDelegate Are(params HostView[] hosts) =>
        context => JsonSerializer.SerializeAsync(context.Response.Body, hosts, WireJson.Default.HostViewArray, context.RequestAborted);
}
