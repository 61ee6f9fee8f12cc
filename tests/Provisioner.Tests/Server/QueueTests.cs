using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Provisioner.Contracts;
using Provisioner.Server.Configuration;

namespace Provisioner.Tests.Server;

/// <summary>The queue, the explanations and longer lives, as callers meet them.</summary>
public sealed class QueueTests
{
    private const int Patience = 60_000;

    [Fact(Timeout = Patience)]
    public async Task A_vm_that_waits_knows_its_position_and_why()
    {
        await using var server = await RunningServer.StartAsync(options => options.Vms.MaxRunning = 1);
        await FillAsync(server);

        var last = await server.FollowAsync("run-3", change => change.Message.StartsWith("Waits as number 2 of 2", StringComparison.Ordinal));
        var view = await GetAsync(server, "run-3");

        Assert.All(last, change => Assert.Equal(VmPhase.Queued, change.Phase));
        Assert.Equal(2, view.Position);
        Assert.Equal(("1 of 1 VMs of this host are in use", "A VM of this host ends; or its operator raises vms.maxRunning."), (view.Lack, view.Relief));
        Assert.Equal(view.CreatedAt + server.Options.Vms.QueueTimeout, view.Deadline!.At, TimeSpan.FromSeconds(1));
        Assert.Matches(@"^Waits for its place on the host since .*Z, as number 2 of 2: 1 of 1 VMs of this host are in use\. It is given up at .*Z\.$", view.Explanation);
        Assert.Matches("^Its runner is online since .*Z and waits for a job. Without one it is removed at .*Z.$", (await GetAsync(server, "run-1")).Explanation);
    }

    [Fact(Timeout = Patience)]
    public async Task A_full_queue_refuses_with_the_time_to_come_again_and_leaves_nothing()
    {
        await using var server = await RunningServer.StartAsync(options => (options.Vms.MaxRunning, options.Vms.MaxQueued) = (1, 2));
        await FillAsync(server);

        using var refused = await server.CreateAsync("""{"image": "debian-12", "id": "run-4"}""");
        using var again = await server.CreateAsync("""{"image": "debian-12", "id": "run-3"}""");
        using var look = await server.Http.GetAsync("/v1/vms/run-4", TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode)429, refused.StatusCode);
        Assert.Equal(ProblemCode.QueueFull, await CodeAsync(refused));
        Assert.Equal(TimeSpan.FromSeconds(20), refused.Headers.RetryAfter?.Delta);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotFound), (again.StatusCode, look.StatusCode));
    }

    [Fact(Timeout = Patience)]
    public async Task What_could_never_fit_is_refused_at_once_with_what_may_be_asked_for()
    {
        await using var server = await RunningServer.StartAsync(options =>
        {
            options.Vms.MaxCpus = 64;
            options.Capacity = new CapacityOptions { Cpus = 8 };
        });

        using var refused = await server.CreateAsync("""{"image": "debian-12", "id": "run-1", "cpus": 9}""");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        var problem = await refused.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, TestContext.Current.CancellationToken);
        Assert.Equal((ProblemCode.NeverFits, "It needs 9 CPUs; this host gives 1 to 8."), (problem!.Code, problem.Detail));
    }

    [Fact(Timeout = Patience)]
    public async Task An_exclusive_device_goes_from_one_vm_to_the_next()
    {
        await using var server = await RunningServer.StartAsync(options =>
        {
            options.Capacity.Devices = ["gpu0"];
            options.Images["debian-12"].Devices = ["gpu0"];
        });
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        await server.CreateVmAsync("run-2");
        await server.FollowAsync("run-2", change => change.Message == "Waits as number 1 of 1: the device gpu0 is in use.");

        using var deleted = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);

        await server.FollowAsync("run-2", change => change.Phase == VmPhase.Online);
    }

    [Fact(Timeout = Patience)]
    public async Task A_vm_that_waits_too_long_is_given_up_and_says_for_what_it_waited()
    {
        await using var server = await RunningServer.StartAsync(options =>
        {
            options.Vms.MaxRunning = 1;
            options.Vms.QueueTimeout = TimeSpan.FromMilliseconds(300);
            options.Vms.ReviewPeriod = TimeSpan.FromMilliseconds(100);
        });
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        await server.CreateVmAsync("run-2");

        var events = await server.UntilGoneAsync("run-2");

        Assert.Equal(ProblemCode.QueueTimeout, events[^1].Failure?.Code);
        Assert.Equal(VmPhase.Online, (await GetAsync(server, "run-1")).Phase);
    }

    [Fact(Timeout = Patience)]
    public async Task Its_owner_can_let_a_vm_live_longer_up_to_the_maximum_and_an_event_tells_of_it()
    {
        await using var server = await RunningServer.StartAsync();
        var before = await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        using var extended = await ExtendAsync(server, "run-1", """{"lifetime": "10:00:00"}""");
        using var shorter = await ExtendAsync(server, "run-1", """{"lifetime": "00:01:00"}""");
        using var tooLong = await ExtendAsync(server, "run-1", """{"lifetime": "24:00:01"}""");
        using var nothing = await ExtendAsync(server, "run-1", "{}");
        using var unknown = await ExtendAsync(server, "run-9", """{"lifetime": "10:00:00"}""");

        Assert.Equal(HttpStatusCode.OK, extended.StatusCode);
        var after = await GetAsync(server, "run-1");
        Assert.InRange(after.ExpiresAt, before.CreatedAt.AddHours(10), before.CreatedAt.AddHours(10).AddMinutes(1));
        Assert.Equal(VmPhase.Online, after.Phase);
        Assert.Equal("The runner is online and waits for its job.", after.Reason);
        await server.FollowAsync("run-1", change => change.Message.Contains("extended its life until", StringComparison.Ordinal));
        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.BadRequest, HttpStatusCode.BadRequest, HttpStatusCode.NotFound],
            [shorter.StatusCode, tooLong.StatusCode, nothing.StatusCode, unknown.StatusCode]);
    }

    [Fact(Timeout = Patience)]
    public async Task A_vm_that_is_gone_cannot_be_extended()
    {
        await using var server = await RunningServer.StartAsync();
        await server.CreateVmAsync("run-1");
        using var deleted = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        await server.UntilGoneAsync("run-1");

        using var refused = await ExtendAsync(server, "run-1", """{"lifetime": "01:00:00"}""");

        Assert.Equal(ProblemCode.AlreadyGone, await CodeAsync(refused));
        Assert.StartsWith("Nothing of it is left since", (await GetAsync(server, "run-1")).Explanation, StringComparison.Ordinal);
    }

    /// <summary>One that works, and two that wait.</summary>
    private static async Task FillAsync(RunningServer server)
    {
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        await server.CreateVmAsync("run-2");
        await server.CreateVmAsync("run-3");
    }

    private static Task<HttpResponseMessage> ExtendAsync(RunningServer server, string id, string json) => server.Http.PostAsync(
        $"/v1/vms/{id}/extend", new StringContent(json, mediaType: new MediaTypeHeaderValue("application/json")), TestContext.Current.CancellationToken);

    private static async Task<VmView> GetAsync(RunningServer server, string id) =>
        (await server.Http.GetFromJsonAsync($"/v1/vms/{id}", WireJson.Default.VmView, TestContext.Current.CancellationToken))!;

    private static async Task<string?> CodeAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, TestContext.Current.CancellationToken))?.Code;
}
