using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Contracts;
using Provisioner.GitHubSimulator;
using Provisioner.GitHubSimulator.Faults;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Hypervisors.VirtualBox;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;
using Provisioner.Server.Observability;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Server;

public sealed class VmWorkTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("work").FullName;

    [Fact(Timeout = 60_000)]
    public async Task GitHub_is_not_asked_in_a_hurry_to_let_go_of_a_registration_that_it_keeps()
    {
        await using var gitHub = await Simulator.StartAsync(
            new SimulatorOptions { Tokens = [RunningServer.GitHubToken] }, TimeProvider.System, CancellationToken.None);
        gitHub.Faults.Add(new Fault { Method = "DELETE", Path = "actions/runners", Status = 422, Times = 3 });
        var time = new FakeTimeProvider(Noon);
        var (vms, work) = Make(gitHub, time);
        vms.Add(Vm() with { Wanted = Wanted.Gone, Registration = Registration.Held, RunnerId = 7, DoneAt = Noon });

        await UnregisterAsync(vms, work);
        Assert.Equal(Registration.Deferred, vms.Find(Vm().Id)!.Registration);
        Assert.True(work.MayTry(Vm().Id, VmAction.Unregister)); // the machine does not wait

        await UnregisterAsync(vms, work);
        Assert.False(work.MayTry(Vm().Id, VmAction.Unregister));
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.True(work.MayTry(Vm().Id, VmAction.Unregister));

        await UnregisterAsync(vms, work);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(work.MayTry(Vm().Id, VmAction.Unregister)); // twice as long each time
        time.Advance(TimeSpan.FromSeconds(2));

        await UnregisterAsync(vms, work);
        Assert.Equal(Registration.None, vms.Find(Vm().Id)!.Registration);
        Assert.True(work.MayTry(Vm().Id, VmAction.Unregister));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_registration_that_a_guest_may_have_is_not_taken_away_at_once()
    {
        await using var gitHub = await Simulator.StartAsync(
            new SimulatorOptions { Tokens = [RunningServer.GitHubToken] }, TimeProvider.System, CancellationToken.None);
        var time = new FakeTimeProvider(Noon);
        var (vms, work) = Make(gitHub, time);
        var given = gitHub.Board.Register("acme/gpu", Vm().Id.Value, [Vm().Id.Value, Mark], [])!;
        // As a server leaves it that is killed between giving it and writing so.
        vms.Add(Vm() with { Guest = GuestPhase.Ready, Registration = Registration.Held, RunnerId = given.Id });

        await RegisterAsync(vms, work);
        Assert.Equal(given, Assert.Single(gitHub.Board.Runners("acme/gpu")));
        Assert.False(work.MayTry(Vm().Id, VmAction.Register));

        time.Advance(TimeSpan.FromSeconds(10)); // and the guest still says that it waits
        Assert.True(work.MayTry(Vm().Id, VmAction.Register));
        await RegisterAsync(vms, work);
        Assert.NotEqual(given.Id, Assert.Single(gitHub.Board.Runners("acme/gpu")).Id);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_runner_that_has_connected_is_not_registered_anew_though_its_guest_was_not_heard()
    {
        await using var gitHub = await Simulator.StartAsync(
            new SimulatorOptions { Tokens = [RunningServer.GitHubToken] }, TimeProvider.System, CancellationToken.None);
        var time = new FakeTimeProvider(Noon);
        var (vms, work) = Make(gitHub, time);
        var given = gitHub.Board.Register("acme/gpu", Vm().Id.Value, [Vm().Id.Value, Mark], [])!;
        gitHub.Board.OpenSession(given, "2.336.0", "linux");
        vms.Add(Vm() with { Guest = GuestPhase.Ready, Registration = Registration.Held, RunnerId = given.Id });
        await RegisterAsync(vms, work);
        time.Advance(TimeSpan.FromSeconds(10));

        await RegisterAsync(vms, work);

        Assert.Equal(given.Id, Assert.Single(gitHub.Board.Runners("acme/gpu")).Id);
        Assert.NotNull(vms.Find(Vm().Id)!.ConfiguredAt);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_registration_that_GitHub_refused_to_make_is_none_to_remove()
    {
        await using var gitHub = await Simulator.StartAsync(
            new SimulatorOptions { Tokens = [RunningServer.GitHubToken] }, TimeProvider.System, CancellationToken.None);
        gitHub.Faults.Add(new Fault { Method = "POST", Path = "generate-jitconfig", Status = 403 });
        var (vms, work) = Make(gitHub, new FakeTimeProvider(Noon));
        vms.Add(Vm() with { Guest = GuestPhase.Ready });

        await RegisterAsync(vms, work);

        var refused = vms.Find(Vm().Id)!;
        Assert.Equal((Wanted.Gone, Registration.None, ProblemCode.GitHubRefused), (refused.Wanted, refused.Registration, refused.Failure?.Code));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_machine_that_was_at_work_and_is_off_has_ended_its_job_where_last_words_are_not_heard()
    {
        await using var gitHub = await Simulator.StartAsync(
            new SimulatorOptions { Tokens = [RunningServer.GitHubToken] }, TimeProvider.System, CancellationToken.None);
        await using var virtualBox = new VirtualBoxHypervisor(
            new VirtualBoxOptions { MachineFolder = _folder, SecretFolder = _folder }, TimeProvider.System, NullLogger<VirtualBoxHypervisor>.Instance);
        var (vms, work) = Make(gitHub, TimeProvider.System, virtualBox);
        vms.Add(Vm() with { StartedAt = Noon, OnlineAt = Noon, BusyAt = Noon, Guest = GuestPhase.Busy, ExpiresAt = DateTimeOffset.MaxValue });

        await work.DoAsync(vms.Find(Vm().Id)!, VmAction.Retire, TestContext.Current.CancellationToken);

        var ended = vms.Find(Vm().Id)!;
        Assert.Equal((Wanted.Gone, "The job has ended.", null), (ended.Wanted, ended.Reason, ended.Failure));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_vm_that_no_list_shows_any_more_is_gone_only_when_what_it_left_is()
    {
        await using var gitHub = await Simulator.StartAsync(
            new SimulatorOptions { Tokens = [RunningServer.GitHubToken] }, TimeProvider.System, CancellationToken.None);
        var hypervisor = new SimulatedHypervisor(SimulatedOptions.Instant, TimeProvider.System, NullLogger<SimulatedHypervisor>.Instance);
        var (vms, work) = Make(gitHub, TimeProvider.System, hypervisor);
        vms.Add(Vm() with { Wanted = Wanted.Gone, ClonedAt = Noon });
        hypervisor.Host.Make(new() { Id = Vm().Id, Image = new("base"), Label = "vm-1", Owner = "acme", Repository = "gpu" });

        hypervisor.Faults.Add(new SimulatedFault { Step = SimulatedStep.Remove, Fault = HypervisorFault.TimedOut, Message = "No answer.", Times = 1 });
        await work.DoAsync(vms.Find(Vm().Id)!, VmAction.Close, TestContext.Current.CancellationToken);
        Assert.Equal((null, "No answer. Trying again."), (vms.Find(Vm().Id)!.GoneAt, vms.Find(Vm().Id)!.Reason));

        await work.DoAsync(vms.Find(Vm().Id)!, VmAction.Close, TestContext.Current.CancellationToken);

        Assert.Empty(hypervisor.Host.Machines);
        Assert.NotNull(vms.Find(Vm().Id)!.GoneAt);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static Task UnregisterAsync(VmTable vms, VmWork work) =>
        work.DoAsync(vms.Find(Vm().Id)!, VmAction.Unregister, TestContext.Current.CancellationToken);

    private static Task RegisterAsync(VmTable vms, VmWork work) =>
        work.DoAsync(vms.Find(Vm().Id)!, VmAction.Register, TestContext.Current.CancellationToken);

    private string Mark
    {
        get
        {
            var options = new ServerOptions { DataFolder = _folder };
            return new Registrations(new GitHubConnection(options, TimeProvider.System, NullLoggerFactory.Instance), options).Mark;
        }
    }

    private (VmTable Vms, VmWork Work) Make(Simulator gitHub, TimeProvider time, IHypervisor? driver = null)
    {
        var options = new ServerOptions
        {
            DataFolder = _folder,
            GitHub = new GitHubOptions { Url = gitHub.Url.GetLeftPart(UriPartial.Authority), Token = RunningServer.GitHubToken },
        };
        var vms = new VmTable(new Database(options), new VmNews(), time);
        var hypervisor = driver ?? new SimulatedHypervisor(SimulatedOptions.Instant, time, NullLogger<SimulatedHypervisor>.Instance);
        var registrations = new Registrations(new GitHubConnection(options, TimeProvider.System, NullLoggerFactory.Instance), options);
        var images = new ImageCatalog(hypervisor, options, time, NullLogger<ImageCatalog>.Instance);
        return (vms, new VmWork(vms, hypervisor, images, registrations, options, new VmTraces(), time, NullLogger<VmWork>.Instance));
    }
}
