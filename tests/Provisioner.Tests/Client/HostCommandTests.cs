using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Provisioner.Client;
using Provisioner.Contracts;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

/// <summary><c>hosts</c>, <c>drain</c> and <c>resume</c>.</summary>
public sealed class HostCommandTests : IAsyncLifetime
{
    private static readonly HostView Busy = new()
    {
        Name = "host-1", Own = true, Up = true, Vms = 2, Waiting = 1, Room = new HostRoom(8, 16, 32768, null), Held = new HostRoom(2, 4, 8192, null),
    };

    private OperatorRun _operator = null!;

    public async ValueTask InitializeAsync() => _operator = await OperatorRun.StartAsync();

    public ValueTask DisposeAsync() => _operator.DisposeAsync();

    [Fact(Timeout = 20_000)]
    public async Task Hosts_are_shown_with_what_is_held_of_them_and_whether_they_are_drained()
    {
        _operator.Server.On("GET /v1/hosts", Are(Busy, Drained(0) with { Name = "host-2", Own = false, Up = false, Room = null, Held = null }));

        Assert.Equal(ExitCode.Ok, await _operator.RunAsync("hosts"));
        Assert.Matches(
            @"^HOST +STATE +VMS +WAITING +CPUS +MEMORY +DISK\nhost-1 +up +2 of 8 +1 +4 of 16 +8 of 32 GiB +-\nhost-2 +down, drained 1h\d*m? ago +0 +1 +- +- +-\n$", _operator.Out.ToString());
    }

    [Fact(Timeout = 20_000)]
    public async Task Drain_waits_until_the_last_vm_is_gone_and_tells_of_each_that_goes()
    {
        var time = new ObservedTime();
        _operator.Server.On("POST /v1/hosts/host-1/drain", Is(Drained(2))).On("GET /v1/hosts", Are(Busy), Are(Drained(2)), Are(Drained(1)), Are(Drained(0)));

        var running = _operator.RunAsync(time, "drain", "--wait");
        for (var look = 0; look < 3; look++)
        {
            await time.PassAsync(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(ExitCode.Ok, await running);
        Assert.Equal("host-1 is drained: no VM lives on it.\n", _operator.Out.ToString());
        Assert.Matches(@"^ +\d+\.\d s  2 VMs live on host-1, which takes no new one\.\n +\d+\.\d s  1 VM lives on host-1, which takes no new one\.\n$", _operator.Error.ToString());
    }

    [Fact(Timeout = 20_000)]
    public async Task Waiting_ends_with_its_time_or_when_somebody_resumes_the_host()
    {
        var time = new ObservedTime();
        _operator.Server.On("POST /v1/hosts/host-1/drain", Is(Drained(2))).On("GET /v1/hosts", Are(Drained(2)));

        var late = _operator.RunAsync(time, "drain", "host-1", "--wait", "--timeout", "2s");
        await time.PassAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(ExitCode.Timeout, await late);

        _operator.Server.On("GET /v1/hosts", Are(Busy));
        var resumed = _operator.RunAsync(time, "drain", "host-1", "--wait");
        await time.PassAsync(TimeSpan.FromSeconds(2));
        Assert.Equal(ExitCode.Failure, await resumed);
        Assert.Contains("2 of the VMs on host-1 still live after 2s.", _operator.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Somebody has resumed host-1 meanwhile.", _operator.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task Resume_names_the_host_that_answers_and_a_refusal_is_a_denial()
    {
        _operator.Server.On("GET /v1/hosts", Are(Busy)).On("POST /v1/hosts/host-1/resume", Is(Busy))
            .On("POST /v1/hosts/other/resume", Answers.Problem(403, ProblemCode.Forbidden, "This caller may not drain or resume hosts."));

        Assert.Equal(ExitCode.Ok, await _operator.RunAsync("resume"));
        Assert.Equal("host-1 takes VMs again; 1 waits.\n", _operator.Out.ToString());
        Assert.Equal(ExitCode.Denied, await _operator.RunAsync("resume", "other"));
        Assert.Equal(ExitCode.Usage, await _operator.RunAsync("drain", "--timeout", "soon"));
    }

    private static HostView Drained(long vms) => Busy with { Vms = vms, DrainingSince = TimeProvider.System.GetUtcNow().AddHours(-1), DrainingBy = "token:1 (ops)" };

    private static RequestDelegate Is(HostView host) => context => JsonSerializer.SerializeAsync(context.Response.Body, host, WireJson.Default.HostView, context.RequestAborted);

    private static RequestDelegate Are(params HostView[] hosts) =>
        context => JsonSerializer.SerializeAsync(context.Response.Body, hosts, WireJson.Default.HostViewArray, context.RequestAborted);
}
