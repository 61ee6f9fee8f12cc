using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;
using Provisioner.Server.Images;
using Provisioner.Server.Observability;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Server;

public sealed class PlacementTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("placement").FullName;

    [Fact]
    public void A_place_is_written_with_what_it_takes_and_is_free_again_when_the_machine_is_gone()
    {
        var (vms, queue) = Open(maxRunning: 1);
        vms.Add(Vm("vm-1") with { Cpus = 2, Disk = 32768 });
        vms.Add(Vm("vm-2") with { CreatedAt = Noon.AddSeconds(1) });

        queue.Place();

        var first = vms.Find(VmId.Parse("vm-1"))!;
        Assert.NotNull(first.PlacedAt);
        Assert.Equal(new Resources { Count = 1, Cpus = 2, Memory = 1024, Disk = 32768 }, first.Reserved);
        Assert.Equal("Waits as number 1 of 1: 1 of 1 VMs of this host are in use.", vms.Find(VmId.Parse("vm-2"))!.Reason);
        Assert.Equal([1], queue.Look().Values.Select(place => place.Position));

        vms.Change(first.Id, row => row.NotWanted("Enough."));
        queue.Place();
        Assert.Null(vms.Find(VmId.Parse("vm-2"))!.PlacedAt); // the machine may still be there

        vms.Change(first.Id, row => row.Released(Noon));
        queue.Place();
        Assert.NotNull(vms.Find(VmId.Parse("vm-2"))!.PlacedAt);
    }

    [Fact]
    public void Looking_again_tells_nothing_that_was_told_before()
    {
        var (vms, queue) = Open(maxRunning: 1);
        Enumerable.Range(0, 40).ToList().ForEach(n => vms.Add(Vm($"vm-{n}") with { CreatedAt = Noon.AddSeconds(n) }));
        queue.Place();
        var told = CountEvents(vms);

        queue.Place();
        Assert.Equal(told, CountEvents(vms));

        vms.Change(VmId.Parse("vm-0"), row => row.NotWanted("Enough.").Released(Noon));
        queue.Place();
        Assert.Equal(told + 1 + 11, CountEvents(vms)); // its end; ten near the front, and one that came past 20
    }

    [Fact]
    public void A_full_queue_takes_no_more_and_who_stands_is_found_all_the_same()
    {
        var (vms, _) = Open(maxRunning: 1);

        Assert.True(vms.TryAdd(Vm("vm-1"), mostWaiting: 1).Created);
        Assert.Equal(Admitted.None(NoRoom.QueueFull), vms.TryAdd(Vm("vm-2"), mostWaiting: 1));

        Assert.Equal("vm-1", vms.TryAdd(Vm("vm-1"), mostWaiting: 1).Vm?.Id.Value);
        Assert.Null(vms.Find(VmId.Parse("vm-2")));
    }

    [Fact]
    public void A_queue_that_only_waits_to_be_looked_at_is_not_full()
    {
        var (vms, queue) = Open(maxRunning: 2);
        var admission = new Admission(vms, queue, new VmTraces(), Options(maxRunning: 2) with { Vms = new() { MaxRunning = 2, MaxQueued = 1 } });

        Assert.True(admission.Add(Vm("vm-1"), mostOfRule: null).Created);
        Assert.True(admission.Add(Vm("vm-2"), mostOfRule: null).Created);
        Assert.True(admission.Add(Vm("vm-3"), mostOfRule: null).Created);
        Assert.Equal(NoRoom.QueueFull, admission.Add(Vm("vm-4"), mostOfRule: null).Refusal);
    }

    [Fact]
    public void A_vm_whose_machine_is_gone_holds_nothing_though_its_registration_could_not_be_removed()
    {
        var (vms, queue) = Open(maxRunning: 1);
        vms.Add(Vm("vm-1"));
        vms.Add(Vm("vm-2"));
        queue.Place();
        vms.Change(VmId.Parse("vm-1"), row => (row with { Registration = Registration.Deferred }).NotWanted("Enough.").Released(Noon));

        queue.Place();

        Assert.NotNull(vms.Find(VmId.Parse("vm-2"))!.PlacedAt);
    }

    [Fact]
    public void Machines_from_before_there_were_places_hold_theirs()
    {
        var (vms, queue) = Open(maxRunning: 1);
        vms.Add(Vm("vm-1") with { Phase = VmPhase.Online, ClonedAt = Noon });
        vms.Add(Vm("vm-2"));
        Migrate();

        queue.Place();

        Assert.Equal(Noon, vms.Find(VmId.Parse("vm-1"))!.PlacedAt);
        Assert.Null(vms.Find(VmId.Parse("vm-2"))!.PlacedAt);
    }

    [Fact(Timeout = 120_000)]
    public async Task Places_cannot_be_sold_twice_by_many_that_try_at_once()
    {
        const int Most = 5, Count = 120;
        using var database = new Database(Options(Most));
        var (vms, _) = Open(Most, database);
        for (var n = 0; n < Count; n++)
        {
            vms.Add(Vm($"vm-{n}") with { Repository = RepositoryName.Parse($"acme/r{n % 7}"), CreatedAt = Noon.AddSeconds(n) });
        }

        // Another process could not write at all: a host has one writer.
        var sellers = Enumerable.Range(0, 8).Select(seed => Task.Run(() => Sell(new Random(seed), Most, database), TestContext.Current.CancellationToken));
        var most = await Task.WhenAll(sellers);

        Assert.Equal(Most, most.Max());
        Assert.All(vms.List(), vm => Assert.NotNull(vm.ReleasedAt));
        Assert.All(vms.List(), vm => Assert.NotNull(vm.PlacedAt));
    }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Places, and ends what is placed in any order, until nobody waits; returns how many held a place at once.</summary>
    private int Sell(Random random, int maxRunning, Database database)
    {
        var (vms, queue) = Open(maxRunning, database);
        var most = 0;
        while (vms.List().Any(vm => vm.ReleasedAt is null))
        {
            queue.Place();
            var placed = vms.List().Where(vm => vm is { PlacedAt: not null, ReleasedAt: null }).ToList();
            most = Math.Max(most, placed.Count);
            if (placed.Count > 0)
            {
                vms.Change(placed[random.Next(placed.Count)].Id, row => row.Released(Noon));
            }
        }

        return most;
    }

    private static int CountEvents(VmTable vms) => vms.List().Sum(vm => vms.Events(vm.Id, after: 0).Count);

    private void Migrate()
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "provisioner.db")}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = Schema.Steps.Single(step => step.Contains("UPDATE vms SET placed_at", StringComparison.Ordinal)).Split(';')
            .Single(statement => statement.Contains("UPDATE", StringComparison.Ordinal));
        command.ExecuteNonQuery();
    }

    private ServerOptions Options(int maxRunning) =>
        new() { DataFolder = _folder, Hypervisor = HypervisorKind.Simulated, Vms = new VmOptions { MaxRunning = maxRunning } };

    private (VmTable Vms, HostQueue Queue) Open(int maxRunning, Database? shared = null)
    {
        var options = Options(maxRunning);
        var (database, news) = (shared ?? new Database(options), new VmNews());
        var images = new ImageCatalog(new SimulatedHypervisor(SimulatedOptions.Instant, TimeProvider.System, NullLogger<SimulatedHypervisor>.Instance), options, TimeProvider.System, NullLogger<ImageCatalog>.Instance);
        return (
            new VmTable(database, news, TimeProvider.System),
            new HostQueue(new PlacementTable(database, news, images.RecipeOf, TimeProvider.System), images, options, TimeProvider.System));
    }
}
