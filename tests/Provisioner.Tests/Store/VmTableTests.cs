using Microsoft.Extensions.Time.Testing;
using Provisioner.Contracts;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Store;

/// <summary>What holds of the table of VMs, whatever the database.</summary>
public abstract class VmTableTests : IAsyncLifetime
{
    private readonly VmNews _news = new();
    private TestStore _store = null!;
    private Database _database = null!;
    private VmTable _vms = null!;

    public async ValueTask InitializeAsync()
    {
        _store = await MakeStoreAsync();
        _database = new Database(_store.Options);
        _vms = new VmTable(_database, _news, new FakeTimeProvider(Noon));
    }

    public ValueTask DisposeAsync()
    {
        _database?.Dispose();
        _store?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected abstract Task<TestStore> MakeStoreAsync();

    [Fact]
    public void Every_column_comes_back_as_it_was_written()
    {
        var full = Vm() with
        {
            Labels = ["vm-1", "gpu"], Cpus = 2, Memory = 2048, Wanted = Wanted.Gone, Phase = VmPhase.Deleting, Reason = "why",
            Registration = Registration.Held, RunnerId = 1L << 40, Guest = GuestPhase.Busy, ClonedAt = Noon.AddSeconds(-1), StartedAt = Noon, ReadyAt = Noon.AddSeconds(1),
            ConfiguredAt = Noon.AddSeconds(2), OnlineAt = Noon.AddSeconds(3), BusyAt = Noon.AddSeconds(4), DoneAt = Noon.AddSeconds(5),
            Trouble = new VmFailure("trouble", "cause", "remedy"),
            Failure = new VmFailure("code", "cause", "remedy", "console"), Host = "here",
            PlacedAt = Noon, ReleasedAt = Noon.AddHours(1), ToldPosition = 3,
            Reserved = new Resources { Count = 1, Cpus = 2, Memory = 2048, Disk = 4096, Devices = ["gpu0", "gpu1"] },
            Run = new WorkflowRun(1L << 40, 3), Rule = "main", TookMachine = VmId.Parse("warm-1"), Hardware = "gpu", Disk = 32768,
        };
        _vms.Add(full);

        var read = _vms.Find(full.Id)!;

        Assert.Equal(full.Labels, read.Labels);
        Assert.Equal(full, read with { Labels = full.Labels });
    }

    [Fact]
    public void Asking_again_gives_the_vm_that_stands()
    {
        _vms.Add(Vm());

        var (standing, created) = _vms.Add(Vm() with { Key = "another" });

        Assert.False(created);
        Assert.Equal("key", standing.Key);
    }

    [Fact]
    public void An_id_whose_vm_is_gone_is_free_for_another_request_and_not_for_the_same_one()
    {
        _vms.Add(Vm());
        _vms.Change(Vm().Id, vm => vm with { GoneAt = Noon });

        Assert.False(_vms.Add(Vm()).Created);
        Assert.True(_vms.Add(Vm() with { Key = "another" }).Created);
        Assert.Single(_vms.Events(Vm().Id, after: 0));
    }

    [Fact]
    public void A_change_that_people_see_is_an_event_and_any_other_is_not()
    {
        _vms.Add(Vm());
        _vms.Change(Vm().Id, vm => vm with { RunnerId = 7 });
        _vms.Change(Vm().Id, vm => vm.In(VmPhase.Cloning, "Clones."));

        Assert.Equal([VmPhase.Queued, VmPhase.Cloning], _vms.Events(Vm().Id, after: 0).Select(change => change.Phase));
    }

    [Fact(Timeout = 10_000)]
    public async Task Who_follows_a_vm_is_woken_by_its_events()
    {
        _vms.Add(Vm());
        using var following = _news.Follow(Vm().Id);

        _vms.Change(Vm().Id, vm => vm.In(VmPhase.Cloning, "Clones."));

        Assert.True(await following.WaitAsync(TimeSpan.FromMinutes(1), new FakeTimeProvider(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_a_guest_says_is_kept_even_where_no_database_could()
    {
        _vms.Add(Vm());

        _vms.Change(Vm().Id, vm => vm.In(VmPhase.Registering, "It said \0, \"; DROP TABLE vms; -- and ü."));

        Assert.Equal("It said \uFFFD, \"; DROP TABLE vms; -- and ü.", _vms.Find(Vm().Id)!.Reason);
    }

    [Fact]
    public void Writers_at_the_same_time_lose_nothing()
    {
        _vms.Add(Vm());

        Parallel.For(0, 40, _ => _vms.Change(Vm().Id, vm => vm.In(VmPhase.Queued, $"{vm.Reason.Length}") with { RunnerId = (vm.RunnerId ?? 0) + 1 }));

        Assert.Equal(40, _vms.Find(Vm().Id)!.RunnerId);
    }

    [Fact]
    public void Of_many_who_ask_for_one_id_at_once_one_makes_it()
    {
        var created = 0;

        Parallel.For(0, 20, number => Interlocked.Add(ref created, _vms.Add(Vm() with { Key = $"{number}" }).Created ? 1 : 0));

        Assert.Equal(1, created);
        Assert.Single(_vms.Events(Vm().Id, after: 0));
    }

    [Fact]
    public void However_many_ask_at_once_no_more_of_a_repository_live_under_a_rule_than_it_allows()
    {
        var asked = Enumerable.Range(0, 60).Select(n => Vm($"vm-{n}") with
        {
            Rule = n % 3 == 0 ? "topic" : "main", Repository = RepositoryName.Parse(n % 2 == 0 ? "acme/gpu" : "Acme/web"),
        });

        Parallel.ForEach(asked, vm => _vms.TryAdd(vm, long.MaxValue, mostOfRule: 4));

        Assert.Equal([4, 4, 4, 4], _vms.List().GroupBy(vm => (vm.Rule, vm.Repository)).Select(group => group.Count()));
    }

    [Fact]
    public void What_is_allowed_of_a_rule_is_free_again_when_the_machine_is_gone_and_who_stands_is_found_all_the_same()
    {
        var first = Vm("vm-1") with { Rule = "main" };
        var second = Vm("vm-2") with { Rule = "main", Repository = RepositoryName.Parse("ACME/GPU") };
        Assert.True(_vms.TryAdd(first, long.MaxValue, mostOfRule: 1).Created);

        Assert.Equal(Admitted.None(NoRoom.RuleUsedUp), _vms.TryAdd(second, long.MaxValue, mostOfRule: 1));
        Assert.Equal(first.Id, _vms.TryAdd(first, long.MaxValue, mostOfRule: 1).Vm?.Id);
        Assert.True(_vms.TryAdd(Vm("vm-3"), long.MaxValue, mostOfRule: null).Created);

        _vms.Change(first.Id, vm => vm.NotWanted("Enough."));
        Assert.Equal(NoRoom.RuleUsedUp, _vms.TryAdd(second, long.MaxValue, mostOfRule: 1).Refusal);

        _vms.Change(first.Id, vm => vm.Released(Noon)); // its registration may take longer
        Assert.True(_vms.TryAdd(second, long.MaxValue, mostOfRule: 1).Created);
    }

    [Fact]
    public void Records_of_vms_that_are_long_gone_are_forgotten_with_their_events()
    {
        _vms.Add(Vm());
        _vms.Change(Vm().Id, vm => vm with { GoneAt = Noon });

        _vms.Forget(Noon.AddSeconds(1));

        Assert.Null(_vms.Find(Vm().Id));
        Assert.Empty(_vms.Events(Vm().Id, after: 0));
    }
}
