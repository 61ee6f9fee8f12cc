using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Store;

public sealed class PostgreSqlWarmRowsTests(PostgreSqlFixture postgreSql) : WarmRowsTests
{
    [Fact]
    public void The_warm_vms_of_one_host_are_nothing_to_another()
    {
        var machine = Boot(Open(warm: 1)).Single();
        using var there = new Database(Store.OptionsOf("there"));
        var vms = new VmTable(there, new VmNews(), TimeProvider.System);
        var queue = Open(there, Store.OptionsOf("there"), options => options.Images["debian-12"].Warm = 0);
        queue.SawRunning([machine]);
        vms.Add(Vm("run-1"));

        queue.Place();

        Assert.Equal(("run-1", true), (vms.Find(Hypervisors.VmId.Parse("run-1"))!.Machine.Value, vms.Find(Hypervisors.VmId.Parse("run-1"))!.PlacedAt is not null));
        Assert.Equal(Wanted.Present, Vms.Find(machine)!.Wanted);
    }

    private protected override Task<TestStore> MakeStoreAsync() => postgreSql.MakeStoreAsync();
}
