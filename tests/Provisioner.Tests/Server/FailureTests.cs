using System.Net;
using System.Net.Http.Json;
using Provisioner.Contracts;
using Provisioner.GitHubSimulator.Faults;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;

namespace Provisioner.Tests.Server;

/// <summary>What goes wrong after a request was accepted: the owner is told code, cause and remedy, and nothing is left.</summary>
public sealed class FailureTests
{
    private const int Patience = 60_000;

    [Theory(Timeout = Patience)]
    [InlineData("Clone", "DiskFull", ProblemCode.DiskFull)]
    [InlineData("Clone", "ProgramMissing", ProblemCode.HypervisorMissing)]
    [InlineData("Clone", "TimedOut", ProblemCode.HypervisorTimeout)]
    [InlineData("Clone", "SnapshotMissing", ProblemCode.SnapshotMissing)]
    [InlineData("Start", "CannotStart", ProblemCode.CannotStart)]
    [InlineData("Configure", "Failed", ProblemCode.HypervisorFailed)]
    public async Task A_hypervisor_that_fails_ends_the_vm_with_its_reason(string step, string fault, string code)
    {
        await using var server = await RunningServer.StartAsync();
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = Enum.Parse<SimulatedStep>(step), Fault = Enum.Parse<HypervisorFault>(fault), Message = "As asked." });

        await server.CreateVmAsync("run-1");
        var events = await server.UntilGoneAsync("run-1");

        AssertFailure(events, code, "As asked.");
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task A_hypervisor_that_is_slow_when_the_registration_is_handed_over_ends_no_vm()
    {
        await using var server = await RunningServer.StartAsync(options => options.Vms.ReviewPeriod = TimeSpan.FromMilliseconds(100));
        server.Hypervisor.Faults.Add(new SimulatedFault
        {
            Step = SimulatedStep.Configure, Fault = HypervisorFault.TimedOut, Message = "No answer.", Times = 1,
        });

        await server.CreateVmAsync("run-1");
        var events = await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        Assert.Contains(events, change => change.Phase == VmPhase.Registering && change.Message == "No answer. Trying again.");
        Assert.Single(server.GitHub.Board.Runners("acme/gpu"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_hypervisor_that_stays_silent_ends_a_vm_that_waits_for_its_registration_when_its_time_is_over()
    {
        await using var server = await RunningServer.StartAsync(options =>
            (options.Vms.RegistrationTimeout, options.Vms.ReviewPeriod) = (TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(200)));
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.Configure, Fault = HypervisorFault.TimedOut, Message = "No answer." });

        await server.CreateVmAsync("run-1");
        var events = await server.UntilGoneAsync("run-1");

        AssertFailure(events, ProblemCode.HypervisorTimeout, "No answer.");
        await server.AssertNothingLeftAsync();
    }

    [Theory(Timeout = Patience)]
    [InlineData(401, ProblemCode.GitHubRefused)]
    [InlineData(403, ProblemCode.GitHubRefused)]
    [InlineData(404, ProblemCode.GitHubRefused)]
    [InlineData(422, ProblemCode.GitHubRejected)]
    public async Task A_registration_that_GitHub_refuses_ends_the_vm_with_its_reason(int status, string code)
    {
        await using var server = await RunningServer.StartAsync();
        server.GitHub.Faults.Add(new Fault { Method = "POST", Path = "generate-jitconfig", Status = status, Times = 100 });

        await server.CreateVmAsync("run-1");
        var events = await server.UntilGoneAsync("run-1");

        AssertFailure(events, code, "");
        await server.AssertNothingLeftAsync();
    }

    [Theory(Timeout = Patience)]
    [InlineData(503, ProblemCode.GitHubUnavailable)]
    [InlineData(429, ProblemCode.GitHubRateLimited)]
    public async Task A_GitHub_that_stays_down_or_limits_us_ends_the_vm_with_its_reason_when_its_time_is_over(int status, string code)
    {
        await using var server = await RunningServer.StartAsync(options =>
            (options.Vms.RegistrationTimeout, options.Vms.ReviewPeriod) = (TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(200)));
        server.GitHub.Faults.Add(new Fault
        {
            Method = "POST", Path = "generate-jitconfig", Status = status, Times = 1000, Headers = new Dictionary<string, string> { ["Retry-After"] = "60" },
        });

        await server.CreateVmAsync("run-1");
        var events = await server.FollowAsync("run-1", change => change.Failure is not null);

        AssertFailure(events, code, "");
    }

    [Fact(Timeout = Patience)]
    public async Task A_hypervisor_that_does_not_answer_ends_those_who_wait_with_its_reason()
    {
        await using var server = await RunningServer.StartAsync(options => options.Vms.ReviewPeriod = TimeSpan.FromMilliseconds(100));
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.List, Fault = HypervisorFault.TimedOut, Message = "No answer." });

        await server.CreateVmAsync("run-1");
        var events = await server.UntilGoneAsync("run-1");

        AssertFailure(events, ProblemCode.HypervisorTimeout, "No answer.");
    }

    [Fact(Timeout = Patience)]
    public async Task A_runner_of_that_name_that_is_not_ours_is_left_alone()
    {
        await using var server = await RunningServer.StartAsync();
        server.GitHub.Board.Register("acme/gpu", "run-1", ["somebody", "else"], []);

        await server.CreateVmAsync("run-1");
        var events = await server.FollowAsync("run-1", change => change.Failure is not null);

        AssertFailure(events, ProblemCode.RunnerNameTaken, "");
        Assert.Single(server.GitHub.Board.Runners("acme/gpu"));
    }

    [Fact(Timeout = Patience)]
    public async Task A_GitHub_that_is_down_for_a_while_is_asked_again()
    {
        await using var server = await RunningServer.StartAsync(options => options.Vms.ReviewPeriod = TimeSpan.FromMilliseconds(200));
        server.GitHub.Faults.Add(new Fault { Method = "POST", Path = "generate-jitconfig", Status = 503, Times = 1 });

        await server.CreateVmAsync("run-1");

        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
    }

    [Fact(Timeout = Patience)]
    public async Task A_guest_that_never_reports_ends_after_the_boot_timeout()
    {
        await using var server = await RunningServer.StartAsync(options =>
            (options.Vms.BootTimeout, options.Vms.ReviewPeriod) = (TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(100)));
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.GuestReady, Kind = SimulatedFaultKind.Hang });

        await server.CreateVmAsync("run-1");
        var events = await server.UntilGoneAsync("run-1");

        AssertFailure(events, ProblemCode.GuestSilent, "did not report");
        Assert.Empty(server.GitHub.Board.Runners(repository: null));
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task A_guest_that_reports_failure_is_quoted()
    {
        await using var server = await RunningServer.StartAsync();
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.GuestConfiguring, Message = "the runner is too old" });

        await server.CreateVmAsync("run-1");
        var events = await server.UntilGoneAsync("run-1");

        AssertFailure(events, ProblemCode.GuestFailed, "the runner is too old");
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task A_vm_that_is_lost_during_its_job_is_a_failure()
    {
        await using var server = await RunningServer.StartAsync(options => options.Simulated.JobTime = TimeSpan.FromMinutes(5));
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Busy);

        server.Hypervisor.Host.Break(VmId.Parse("run-1"));

        AssertFailure(await server.UntilGoneAsync("run-1"), ProblemCode.StoppedEarly, "while its runner worked");
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task A_vm_that_loses_its_power_before_its_job_is_a_failure()
    {
        await using var server = await RunningServer.StartAsync();
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        server.Hypervisor.Host.CutPower(VmId.Parse("run-1"));

        AssertFailure(await server.UntilGoneAsync("run-1"), ProblemCode.StoppedEarly, "");
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task A_registration_that_GitHub_does_not_let_go_does_not_keep_the_vm()
    {
        await using var server = await RunningServer.StartAsync(options => options.Vms.ReviewPeriod = TimeSpan.FromMilliseconds(200));
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        server.GitHub.Faults.Add(new Fault { Method = "DELETE", Path = "actions/runners", Status = 422, Times = 1 });

        using var deleted = await server.Http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        var events = await server.UntilGoneAsync("run-1");

        Assert.Contains(events, change => change.Message.Contains("could not be removed yet", StringComparison.Ordinal));
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = Patience)]
    public async Task An_image_that_cannot_be_cloned_is_refused_before_anything_is_made()
    {
        await using var server = await RunningServer.StartAsync();
        server.Hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.Inspect, Fault = HypervisorFault.SnapshotMissing, Message = "No snapshot." });

        using var response = await server.CreateAsync("""{"image": "debian-12"}""");

        var problem = await response.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, ProblemCode.SnapshotMissing), (response.StatusCode, problem!.Code));
        await server.AssertNothingLeftAsync();
    }

    private static void AssertFailure(IReadOnlyList<VmEvent> events, string code, string cause)
    {
        var failure = events.Select(change => change.Failure).First(failure => failure is not null)!;
        Assert.Equal(code, failure.Code);
        Assert.Contains(cause, failure.Cause, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Remedy);
    }
}
