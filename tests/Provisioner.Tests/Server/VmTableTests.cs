using Microsoft.Extensions.Time.Testing;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Server;

public sealed class VmTableTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("store").FullName;
    private readonly VmNews _news = new();
    private readonly VmTable _vms;

    public VmTableTests()
    {
        var options = new ServerOptions { DataFolder = _folder };
        _vms = new VmTable(new Database(options), _news, new FakeTimeProvider(Noon));
    }

    [Fact]
    public void Every_column_comes_back_as_it_was_written()
    {
        var full = Vm() with
        {
            Labels = ["vm-1", "gpu"], Cpus = 2, Memory = 2048, Wanted = Wanted.Gone, Phase = VmPhase.Deleting, Reason = "why",
            Registration = Registration.Held, RunnerId = 1L << 40, Guest = GuestPhase.Busy, ClonedAt = Noon.AddSeconds(-1), StartedAt = Noon, ReadyAt = Noon.AddSeconds(1),
            ConfiguredAt = Noon.AddSeconds(2), OnlineAt = Noon.AddSeconds(3), BusyAt = Noon.AddSeconds(4), DoneAt = Noon.AddSeconds(5),
            Trouble = new VmFailure("trouble", "cause", "remedy"),
            Failure = new VmFailure("code", "cause", "remedy", "console"),
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
    public void The_database_is_its_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no file modes.");
        }

        _vms.Add(Vm());

        var readableByOthers = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        foreach (var file in Directory.GetFiles(_folder))
        {
            Assert.Equal((UnixFileMode)0, File.GetUnixFileMode(file) & readableByOthers);
        }
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

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
