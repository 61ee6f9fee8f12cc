using System.Net;
using System.Net.Http.Json;
using Provisioner.Contracts;
using Provisioner.Hypervisors;

namespace Provisioner.Tests.Server;

/// <summary>A VM's life as its owner meets it.</summary>
public sealed class LifeTests
{
    private const int Patience = 60_000;

    [Fact(Timeout = Patience)]
    public async Task A_request_becomes_a_runner_and_is_gone_when_its_job_ends()
    {
        await using var server = await RunningServer.StartAsync(options => options.Simulated.JobTime = TimeSpan.FromMilliseconds(50));

        await server.CreateVmAsync("run-1");
        var events = await server.UntilGoneAsync("run-1");

        var phases = events.Select(change => change.Phase).Distinct();
        Assert.Equal(
            [VmPhase.Queued, VmPhase.Cloning, VmPhase.Booting, VmPhase.Registering, VmPhase.Online, VmPhase.Busy, VmPhase.Deleting, VmPhase.Gone],
            phases);
        Assert.All(events, change => Assert.Null(change.Failure));
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task A_runner_is_registered_in_the_grants_repository_with_its_labels_and_only_once_its_guest_waits()
    {
        await using var server = await RunningServer.StartAsync();
        using var response = await server.CreateAsync("""{"image": "debian-12", "id": "run-1", "labels": ["gpu"]}""");

        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        var runner = Assert.Single(server.GitHub.Board.Runners("acme/gpu"));
        Assert.Equal("run-1", runner.Name);
        Assert.Matches("^vm-[0-9a-f]{32}$", runner.Labels[0]);
        Assert.Equal("gpu", runner.Labels[1]);
        Assert.Matches("^vbdp-[0-9a-f]{16}$", Assert.Single(runner.Labels.Skip(2))); // names the server
    }

    [Fact(Timeout = Patience)]
    public async Task Each_vm_has_a_label_that_nobody_can_guess_and_the_id_is_one_only_where_it_was_asked_for()
    {
        await using var server = await RunningServer.StartAsync();

        var plain = await server.CreateVmAsync("run-1");
        using var response = await server.CreateAsync("""{"image": "debian-12", "id": "run-2", "labels": ["run-2", "Run-2"]}""");
        var asked = (await response.Content.ReadFromJsonAsync(WireJson.Default.VmView, TestContext.Current.CancellationToken))!;
        using var again = await server.CreateAsync("""{"image": "debian-12", "id": "run-2"}""");
        var found = (await again.Content.ReadFromJsonAsync(WireJson.Default.VmView, TestContext.Current.CancellationToken))!;

        Assert.Matches("^vm-[0-9a-f]{32}$", Assert.Single(plain.Labels));
        Assert.NotEqual(plain.Labels[0], asked.Labels[0]);
        Assert.Equal("run-2", Assert.Single(asked.Labels.Skip(1)));
        Assert.Equal(asked.Labels, found.Labels);
    }

    [Fact(Timeout = Patience)]
    public async Task A_deleted_vm_leaves_nothing_and_deleting_it_again_is_success()
    {
        await using var server = await RunningServer.StartAsync();
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        using var first = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        await server.UntilGoneAsync("run-1");
        using var second = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        using var unknown = await server.Http.DeleteAsync("/v1/vms/never-was", TestContext.Current.CancellationToken);

        Assert.Equal(
            [HttpStatusCode.Accepted, HttpStatusCode.NoContent, HttpStatusCode.NoContent],
            [first.StatusCode, second.StatusCode, unknown.StatusCode]);
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task Asking_twice_gives_one_vm_and_asking_for_something_else_by_that_id_is_refused()
    {
        await using var server = await RunningServer.StartAsync(options => options.Images["other"] = new() { Source = "other" });
        await server.CreateVmAsync("run-1");

        using var again = await server.CreateAsync("""{"image": "debian-12", "id": "run-1"}""");
        using var other = await server.CreateAsync("""{"image": "other", "id": "run-1"}""");

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Conflict), (again.StatusCode, other.StatusCode));
    }

    [Fact(Timeout = Patience)]
    public async Task The_same_key_finds_the_same_vm_without_an_id_too()
    {
        await using var server = await RunningServer.StartAsync();
        server.Http.DefaultRequestHeaders.Add("Idempotency-Key", "one-click");

        using var first = await server.CreateAsync("""{"image": "debian-12"}""");
        using var second = await server.CreateAsync("""{"image": "debian-12"}""");

        Assert.Equal((HttpStatusCode.Accepted, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        Assert.Equal(first.Headers.Location, second.Headers.Location);
    }

    [Fact(Timeout = Patience)]
    public async Task What_does_not_fit_waits_and_is_served_when_there_is_room()
    {
        await using var server = await RunningServer.StartAsync(options => options.Vms.MaxRunning = 1);
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        await server.CreateVmAsync("run-2");
        await server.FollowAsync("run-2", change => change.Message.Contains("1 of 1", StringComparison.Ordinal));

        using var deleted = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);

        await server.FollowAsync("run-2", change => change.Phase == VmPhase.Online);
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_with_our_mark_that_nobody_wants_is_removed_and_others_are_not_touched()
    {
        await using var server = await RunningServer.StartAsync();
        server.Hypervisor.Host.AddForeign("somebody-elses");
        await server.Hypervisor.EnsureClonedAsync(
            new() { Id = VmId.Parse("stray"), Image = new("base"), Label = "stray", Owner = "acme", Repository = "gpu" },
            TestContext.Current.CancellationToken);

        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        Assert.Equal(["run-1"], (await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken)).Select(vm => vm.Id.Value));
        Assert.True(server.Hypervisor.Host.HasForeign("somebody-elses"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_machine_that_a_former_vm_of_that_id_left_is_not_taken_for_the_new_ones()
    {
        await using var server = await RunningServer.StartAsync(options => options.Vms.ReviewPeriod = TimeSpan.FromMinutes(1));
        await server.CreateVmAsync("run-0");
        await server.FollowAsync("run-0", change => change.Phase == VmPhase.Online); // and no pass comes by itself
        await server.Hypervisor.EnsureClonedAsync(
            new() { Id = VmId.Parse("run-1"), Image = new("left behind"), Label = "run-1", Owner = "acme", Repository = "gpu" },
            TestContext.Current.CancellationToken);

        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        Assert.Equal("base", server.Hypervisor.Host.Machines[VmId.Parse("run-1")].Specification.Image.Source);
    }

    [Fact(Timeout = Patience)]
    public async Task A_vm_whose_workflow_run_was_cancelled_goes_though_nobody_deletes_it()
    {
        await using var server = await RunningServer.StartAsync(options => options.GitHub.RunPeriod = TimeSpan.FromMilliseconds(200));
        server.GitHub.Board.SetRun("acme/gpu", 7001, 2, "in_progress");
        using var response = await server.CreateAsync("""{"image": "debian-12", "id": "run-1", "run": {"id": 7001, "attempt": 2}}""");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        server.GitHub.Board.SetRun("acme/gpu", 7001, 2, "completed", "cancelled");
        var events = await server.UntilGoneAsync("run-1");

        Assert.Contains(events, change => change.Message == "Its workflow run 7001 is over (cancelled).");
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task A_stream_goes_on_after_the_event_that_the_follower_saw_last()
    {
        await using var server = await RunningServer.StartAsync(options => options.Simulated.JobTime = TimeSpan.FromMilliseconds(50));
        await server.CreateVmAsync("run-1");
        var all = await server.UntilGoneAsync("run-1");
        server.Http.DefaultRequestHeaders.Add("Last-Event-ID", $"{all[2].Sequence}");

        var rest = await server.UntilGoneAsync("run-1");

        Assert.Equal(all.Skip(3), rest);
    }

    [Theory(Timeout = Patience)]
    [InlineData("999999")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("garbage")]
    [InlineData("18446744073709551616")]
    public async Task What_is_no_event_of_the_vm_as_last_event_id_gives_all_events(string given)
    {
        await using var server = await RunningServer.StartAsync(options => options.Simulated.JobTime = TimeSpan.FromMilliseconds(50));
        await server.CreateVmAsync("run-1");
        var all = await server.UntilGoneAsync("run-1");
        server.Http.DefaultRequestHeaders.Add("Last-Event-ID", given);

        Assert.Equal(all, await server.UntilGoneAsync("run-1"));
    }

    [Fact(Timeout = Patience)]
    public async Task The_stream_of_a_vm_that_is_forgotten_is_not_found()
    {
        await using var server = await RunningServer.StartAsync(options => options.Simulated.JobTime = TimeSpan.FromMilliseconds(50));
        await server.CreateVmAsync("run-1");
        var all = await server.UntilGoneAsync("run-1");
        server.Vms.Forget(DateTimeOffset.MaxValue);
        server.Http.DefaultRequestHeaders.Add("Last-Event-ID", $"{all[2].Sequence}");

        using var stream = await server.Http.GetAsync("/v1/vms/run-1/events", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.NotFound, stream.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task The_stream_asks_proxies_in_between_not_to_collect_it()
    {
        await using var server = await RunningServer.StartAsync();
        await server.CreateVmAsync("run-1");

        using var stream = await server.Http.GetAsync("/v1/vms/run-1/events", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal(["no"], stream.Headers.GetValues("X-Accel-Buffering"));
    }
}
