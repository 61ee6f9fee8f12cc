using Provisioner.Contracts;
using Provisioner.Hypervisors.Simulated;

namespace Provisioner.Tests.Server;

/// <summary>The calls of the Go version: each answer byte for byte as that server gave it, and behind it the life that all VMs have.</summary>
public sealed class LegacyFormatTests
{
    private const int Patience = 60_000;

    public static TheoryData<string> NastyIds { get; } =
        ["-x", "--help", "--register", "vbx%201%20x", "a%0Ab", "..", "%2e%2e", "%22x%22", "Upper", "%C3%A9", "a;b", "$(x)", "%3Cscript%3E", "%5C..%5C", new string('a', 300)];

    [Fact(Timeout = Patience)]
    public async Task A_vm_is_made_and_removed_in_the_old_format_under_the_name_that_the_client_waits_for()
    {
        await using var server = await RunningServer.StartAsync(LegacyCalls.Allow);

        Assert.Equal(LegacyCalls.Success, await server.CallAsync("/create/vbx-17/acme/gpu/debian-12"));
        await server.FollowAsync("vbx-17", change => change.Phase == VmPhase.Online);
        var runner = Assert.Single(server.GitHub.Board.Runners("acme/gpu"));
        Assert.Equal("vbx-17", runner.Name);
        Assert.Contains("vbx-17", runner.Labels); // which the old workflows have in runs-on

        Assert.Equal(LegacyCalls.Success, await server.CallAsync("/delete/vbx-17"));
        await server.AssertNothingLeftAsync();
        Assert.Equal(LegacyCalls.NoMachine, await server.CallAsync("/delete/vbx-17"));
    }

    [Theory(Timeout = Patience)]
    [InlineData("/delete/unknown", LegacyCalls.NoMachine)]
    [InlineData("/create//o/r/img", LegacyCalls.NoId)]
    [InlineData("/create/vbx1//r/img", LegacyCalls.NoId)]
    [InlineData("/create/vbx1/o/r/", LegacyCalls.NoPage)] // after a redirect
    [InlineData("/create/vbx1/o/r", LegacyCalls.NoPage)]
    [InlineData("/create/vbx1/o/r/i/more", LegacyCalls.NoPage)]
    [InlineData("/create/a%2Fb/acme/gpu/debian-12", LegacyCalls.NoPage)]
    [InlineData("/create/..%2Fesc/acme/gpu/debian-12", LegacyCalls.NoPage)]
    [InlineData("/delete/a%2fb", LegacyCalls.NoPage)]
    [InlineData("/delete/", LegacyCalls.NoPage)]
    [InlineData("/CREATE/vbx1/acme/gpu/debian-12", LegacyCalls.NoPage)]
    [InlineData("/create/vbx1/acme/gpu/debian-12", LegacyCalls.NoPage, "POST")]
    [InlineData("/delete/vbx1", LegacyCalls.NoPage, "DELETE")]
    public async Task What_is_no_call_is_answered_as_the_go_server_did(string path, string answer, string method = "GET")
    {
        await using var server = await RunningServer.StartAsync(LegacyCalls.Allow);

        Assert.Equal(answer, await server.CallAsync(path, method));
        Assert.Empty(server.Vms.List());
    }

    [Theory(Timeout = Patience)]
    [MemberData(nameof(NastyIds))]
    public async Task A_nasty_id_makes_nothing_and_removes_nothing(string id)
    {
        await using var server = await RunningServer.StartAsync(LegacyCalls.Allow);

        // Kestrel itself takes the steps out of a path, so those two fit no call: one leads nowhere, the other to where people sign in.
        var climbs = id is ".." or "%2e%2e";
        var created = await server.CallAsync($"/create/{id}/acme/gpu/debian-12");
        var deleted = await server.CallAsync($"/delete/{id}");

        Assert.StartsWith(climbs ? "404" : "400 application/json; charset=utf-8: {\"errMsg\":\"The id is not one", created, StringComparison.Ordinal);
        Assert.StartsWith(climbs ? "200 text/html" : LegacyCalls.NoMachine, deleted, StringComparison.Ordinal);
        Assert.Empty(server.Vms.List());
    }

    [Fact(Timeout = Patience)]
    public async Task Of_two_creates_of_one_id_at_once_one_succeeds_and_there_is_one_vm()
    {
        await using var server = await RunningServer.StartAsync(LegacyCalls.Allow);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.CallAsync("/create/vbx-1/acme/gpu/debian-12")));

        Assert.Single(answers, LegacyCalls.Success);
        Assert.All(answers.Where(answer => answer != LegacyCalls.Success), answer => LegacyCalls.AssertRefused(answer, "The id vbx-1 is in use"));
        Assert.Single(await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = Patience)]
    public async Task Of_two_deletes_of_one_id_at_once_one_succeeds()
    {
        await using var server = await RunningServer.StartAsync(LegacyCalls.Allow);
        await server.CallAsync("/create/vbx-1/acme/gpu/debian-12");

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.CallAsync("/delete/vbx-1")));

        Assert.Single(answers, LegacyCalls.Success);
        Assert.Equal(7, answers.Count(answer => answer == LegacyCalls.NoMachine));
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task A_delete_into_a_create_succeeds_and_the_create_says_so()
    {
        await using var server = await RunningServer.StartAsync(options =>
        {
            LegacyCalls.Allow(options);
            options.Simulated.BootTime = TimeSpan.FromMinutes(5);
        });

        var create = server.CallAsync("/create/vbx-1/acme/gpu/debian-12");
        while (server.Vms.List() is [])
        {
            await Task.Yield();
        }

        Assert.Equal(LegacyCalls.Success, await server.CallAsync("/delete/vbx-1"));
        LegacyCalls.AssertRefused(await create, "deleted before its guest had booted");
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task A_create_that_fails_says_why_and_leaves_nothing_unlike_the_go_server()
    {
        await using var server = await RunningServer.StartAsync(options =>
        {
            LegacyCalls.Allow(options);
            options.Simulated.Faults = [new SimulatedFault { Step = SimulatedStep.Start, Message = "The kernel driver is missing." }];
        });

        LegacyCalls.AssertRefused(await server.CallAsync("/create/vbx-1/acme/gpu/debian-12"), "The kernel driver is missing.");
        await server.UntilGoneAsync("vbx-1");
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task A_full_queue_is_said_in_the_old_format()
    {
        await using var server = await RunningServer.StartAsync(options =>
        {
            LegacyCalls.Allow(options);
            (options.Vms.MaxRunning, options.Vms.MaxQueued) = (1, 1);
        });
        await server.CallAsync("/create/vbx-1/acme/gpu/debian-12");
        await server.CreateVmAsync("waits");

        LegacyCalls.AssertRefused(await server.CallAsync("/create/vbx-2/acme/gpu/debian-12"), "1 VMs wait for their place", "Run the step again later.");
        Assert.DoesNotContain(server.Vms.List(), vm => vm.Id.Value == "vbx-2");
    }
}
