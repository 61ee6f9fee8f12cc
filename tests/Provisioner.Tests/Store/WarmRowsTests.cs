using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Store;

/// <summary>Warm VMs in the store, whatever the database: made, taken by one, and ended, each in the transaction that places.</summary>
public abstract class WarmRowsTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(Noon);
    private readonly VmNews _news = new();

    private protected TestStore Store { get; private set; } = null!;

    private protected Database Database { get; private set; } = null!;

    private protected VmTable Vms { get; private set; } = null!;

    private IEnumerable<Vm> Warm => Vms.Live().Where(vm => vm.Warm is not null);

    public async ValueTask InitializeAsync()
    {
        Store = await MakeStoreAsync();
        Database = new Database(Store.Options);
        Vms = new VmTable(Database, _news, _time);
    }

    public ValueTask DisposeAsync()
    {
        Database?.Dispose();
        Store?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void A_warm_vm_has_its_place_from_the_beginning_and_belongs_to_nobody()
    {
        Open(warm: 2).Place();

        Assert.All(Warm, vm => Assert.Equal((Noon, 1L, "", "", Noon.AddHours(6)), (vm.PlacedAt, vm.Reserved?.Count, vm.Caller, vm.Key, vm.ExpiresAt)));
        Assert.Equal(2, Warm.Count());
        Assert.Empty(Vms.List());
        Assert.Empty(new AuditTable(Database, _time).Read());
    }

    [Fact]
    public void Who_takes_one_has_its_machine_its_place_and_what_its_guest_has_said_and_nobody_else_has()
    {
        var queue = Open(warm: 1);
        var machine = Boot(queue).Single();
        _time.Advance(TimeSpan.FromHours(1));
        Vms.Add(Vm("run-1") with { CreatedAt = _time.GetUtcNow() });

        queue.Place();

        var vm = Vms.Find(VmId.Parse("run-1"))!;
        Assert.Equal((machine, VmPhase.Registering, GuestPhase.Ready, Noon, Noon.AddHours(1), Noon.AddHours(1)), (vm.Machine, vm.Phase, vm.Guest, vm.StartedAt, vm.ReadyAt, vm.PlacedAt));
        Assert.Equal(Seen.Waiting, vm.See(VmPower.On));
        Assert.Null(Vms.Find(machine));
        Assert.Equal(vm.Id, Vms.FindOfMachine(machine)?.Id);
        Assert.Equal("Took over a warm VM of the image debian-12, whose guest waits for its registration since 2026-11-23 12:00:00Z.", Vms.Events(vm.Id, after: 0)[^1].Message);
        var audited = new AuditTable(Database, _time).Read().Last();
        Assert.Equal(("vm-took-warm", "run-1", $"machine {machine}, started 2026-11-23 12:00:00Z"), (audited.Action, audited.Target, audited.Detail));
    }

    [Fact]
    public void What_the_guest_of_a_taken_machine_reports_is_its_new_owners()
    {
        var queue = Open(warm: 1);
        var machine = Boot(queue).Single();
        Vms.Add(Vm("run-1"));
        queue.Place();

        Vms.ChangeOfMachine(machine, row => row.Reported(new GuestReport(GuestPhase.Online), Noon));

        Assert.Equal(VmPhase.Online, Vms.Find(VmId.Parse("run-1"))?.Phase);
        Assert.Null(Vms.ChangeOfMachine(VmId.Parse("run-1"), row => row.NotWanted("Another machine of that name.")));
    }

    [Fact]
    public void A_machine_whose_vm_is_gone_is_wanted_by_no_row()
    {
        var queue = Open(warm: 1);
        var machine = Boot(queue).Single();
        Vms.Add(Vm("run-1"));
        queue.Place();

        Vms.Change(VmId.Parse("run-1"), row => row.NotWanted("Enough.").Released(Noon) with { GoneAt = Noon });

        Assert.Null(Vms.FindOfMachine(machine));
    }

    [Fact]
    public void A_request_with_wishes_takes_none_and_one_that_wishes_what_the_image_has_takes_it()
    {
        var queue = Open(warm: 1);
        var machine = Boot(queue).Single();
        Vms.Add(Vm("run-1") with { Memory = 4096 });
        Vms.Add(Vm("run-2") with { Memory = 2048, CreatedAt = Noon.AddSeconds(1) });

        queue.Place();

        Assert.Equal(("run-1", machine), (Vms.Find(VmId.Parse("run-1"))!.Machine.Value, Vms.Find(VmId.Parse("run-2"))!.Machine));
    }

    [Fact]
    public void A_request_for_a_larger_disk_takes_none()
    {
        var queue = Open(warm: 1);
        var machine = Boot(queue).Single();
        Vms.Add(Vm("run-1") with { Disk = 32768 });
        Vms.Add(Vm("run-2") with { CreatedAt = Noon.AddSeconds(1) });

        queue.Place();

        var (first, second) = (Vms.Find(VmId.Parse("run-1"))!, Vms.Find(VmId.Parse("run-2"))!);
        Assert.Equal(("run-1", 32768, machine), (first.Machine.Value, first.Reserved!.Disk, second.Machine));
    }

    [Fact(Timeout = 120_000)]
    public async Task Each_warm_vm_is_taken_once_however_many_try()
    {
        const int Many = 40;
        var queue = Open(warm: 5);
        var machines = Boot(queue, Open(warm: 5), Open(warm: 5));
        for (var n = 0; n < Many; n++)
        {
            Vms.Add(Vm($"run-{n}") with { Repository = RepositoryName.Parse($"acme/r{n % 7}"), CreatedAt = Noon.AddSeconds(n) });
        }

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Reopen(machines).Place(), TestContext.Current.CancellationToken)));

        var took = Vms.List().Where(vm => vm.TookMachine is not null).Select(vm => vm.Machine).ToList();
        Assert.Equal(5, machines.Count);
        Assert.Equal(machines.Order(Comparer<VmId>.Create((one, other) => string.CompareOrdinal(one.Value, other.Value))), took.Order(Comparer<VmId>.Create((one, other) => string.CompareOrdinal(one.Value, other.Value))));
        Assert.Equal(10, Vms.Live().Count(vm => vm is { PlacedAt: not null, ReleasedAt: null }));
    }

    [Fact]
    public void The_store_itself_does_not_let_two_vms_have_one_machine()
    {
        var queue = Open(warm: 1);
        var machine = Boot(queue).Single();
        Vms.Add(Vm("run-1"));
        Vms.Add(Vm("run-2") with { Memory = 4096 });
        queue.Place();

        Assert.ThrowsAny<Exception>(() => Vms.Change(VmId.Parse("run-2"), row => row with { TookMachine = machine }));
    }

    [Fact]
    public void A_warm_vm_goes_for_a_request_that_waits_and_none_is_made_until_that_has_its_place()
    {
        var queue = Open(warm: 1, maxRunning: 1);
        var machine = Boot(queue).Single();
        Vms.Add(Vm("run-1") with { Memory = 4096 });

        queue.Place();
        Assert.Equal((Wanted.Gone, "Makes room for run-1, which waits."), (Vms.Find(machine)!.Wanted, Vms.Find(machine)!.Reason));
        Assert.Null(Vms.Find(VmId.Parse("run-1"))!.PlacedAt); // the machine may still be there

        Vms.Change(machine, row => row.Released(Noon) with { GoneAt = Noon });
        queue.Place();
        Assert.NotNull(Vms.Find(VmId.Parse("run-1"))!.PlacedAt);
        Assert.Empty(Warm);
    }

    [Fact]
    public void Those_of_a_configuration_that_has_changed_go_and_others_come()
    {
        var machine = Boot(Open(warm: 1)).Single();

        Reopen([machine], options => options.Images["debian-12"].Snapshot = "of-today").Place();

        Assert.Equal(Wanted.Gone, Vms.Find(machine)!.Wanted);
        Assert.Contains("of-today", Assert.Single(Warm, vm => vm.Wanted == Wanted.Present).Warm, StringComparison.Ordinal);

        Reopen([machine], options => options.Images.Clear()).Place();
        Assert.All(Warm, vm => Assert.Equal(Wanted.Gone, vm.Wanted));
    }

    [Fact]
    public void A_server_that_starts_again_goes_on_with_those_that_it_finds()
    {
        var machine = Boot(Open(warm: 1)).Single();

        Reopen([machine]).Place();

        Assert.Equal((machine, Wanted.Present), (Assert.Single(Warm).Id, Assert.Single(Warm).Wanted));
    }

    [Fact]
    public void What_was_taken_is_replaced_when_its_runner_is_online_or_takes_too_long()
    {
        var queue = Open(warm: 1);
        var machine = Boot(queue).Single();
        Vms.Add(Vm("run-1"));
        queue.Place();
        queue.Place();
        Assert.Empty(Warm);

        Vms.ChangeOfMachine(machine, row => row.Reported(new GuestReport(GuestPhase.Online), _time.GetUtcNow()));
        queue.Place();
        Assert.Single(Warm);

        Boot(queue);
        Vms.Add(Vm("run-2") with { CreatedAt = Noon.AddSeconds(1) });
        queue.Place();
        _time.Advance(WarmState.Hurry - TimeSpan.FromSeconds(1));
        queue.Place();
        Assert.Empty(Warm);
        _time.Advance(TimeSpan.FromSeconds(6));
        queue.Place();
        Assert.Single(Warm);
    }

    [Fact]
    public void How_it_stands_is_told_with_the_last_failure()
    {
        var queue = Open(warm: 2);
        var machine = Boot(queue)[0];
        Assert.Equal(new WarmView(2, 2, null), queue.Warm()["debian-12"]);

        Vms.Change(machine, row => row.Failed(new VmFailure("code", "The disk is broken.", "Mend it.")));
        Assert.Equal(new WarmView(2, 1, "The disk is broken."), queue.Warm()["debian-12"]);

        queue.Place();
        Assert.Equal(2, Warm.Count()); // the pause begins when its machine is gone
        Vms.Change(machine, row => row.Released(_time.GetUtcNow()) with { GoneAt = _time.GetUtcNow() });
        _time.Advance(TimeSpan.FromSeconds(14));
        queue.Place();
        Assert.Single(Warm);
        _time.Advance(TimeSpan.FromSeconds(6));
        queue.Place();
        Assert.Equal(2, Warm.Count());
    }

    private protected abstract Task<TestStore> MakeStoreAsync();

    private protected HostQueue Open(int warm, int maxRunning = 10) => Open(Database, Store.Options, options =>
    {
        options.Images["debian-12"].Warm = warm;
        options.Vms.MaxRunning = maxRunning;
    });

    private protected HostQueue Open(Database database, ServerOptions store, Action<ServerOptions> configure)
    {
        var options = store with
        {
            Hypervisor = HypervisorKind.Simulated,
            Vms = new VmOptions { MaxRunning = 10 },
            Images = new() { ["debian-12"] = new ImageOptions { Source = "base", Memory = 2048 } },
        };
        configure(options);
        var hypervisor = new SimulatedHypervisor(SimulatedOptions.Instant, _time, NullLogger<SimulatedHypervisor>.Instance);
        var images = new ImageCatalog(hypervisor, options, _time, NullLogger<ImageCatalog>.Instance);
        return new HostQueue(new PlacementTable(database, _news, images.RecipeOf, _time), images, options, _time);
    }

    /// <summary>Lets the queue make what it wants, two at a time, and brings all of it to where it waits.</summary>
    private protected List<VmId> Boot(params HostQueue[] queues)
    {
        foreach (var queue in queues)
        {
            queue.Place();
            foreach (var vm in Warm.Where(vm => vm.Guest is null).ToList())
            {
                Vms.Change(vm.Id, row => (row with { ClonedAt = Noon, StartedAt = Noon }).Reported(new GuestReport(GuestPhase.Ready), Noon));
            }
        }

        var machines = Warm.Select(vm => vm.Id).ToList();
        queues.ToList().ForEach(queue => queue.SawRunning(machines));
        return machines;
    }

    /// <summary>Another server on the same store, which has seen those machines run.</summary>
    private HostQueue Reopen(IEnumerable<VmId> machines, Action<ServerOptions>? configure = null)
    {
        var queue = Open(Database, Store.Options, options =>
        {
            options.Images["debian-12"].Warm = machines.Count();
            configure?.Invoke(options);
        });
        queue.SawRunning(machines);
        return queue;
    }
}
