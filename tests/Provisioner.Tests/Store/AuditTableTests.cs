using Microsoft.Extensions.Time.Testing;
using Provisioner.GitHub;
using Provisioner.Hypervisors;
using Provisioner.Server.Access;
using Provisioner.Server.Audit;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Store;

/// <summary>Whatever the database: each effect has its row in the audit log, and no row is ever changed.</summary>
public abstract class AuditTableTests
{
    [Fact]
    public async Task The_life_of_a_vm_is_told_row_by_row_by_whom_and_why()
    {
        using var store = await MakeStoreAsync();
        using var database = new Database(store.Options);
        var vms = Table(database);

        vms.Add(Vm("run-1") with { Run = new WorkflowRun(7, 1), Rule = "main" });
        vms.Change(VmId.Parse("run-1"), vm => vm.Extended(vm.ExpiresAt.AddHours(1)), by: "token:2 (other)");
        vms.Change(VmId.Parse("run-1"), vm => vm.In(Contracts.VmPhase.Online, "The runner is online."));
        vms.Change(VmId.Parse("run-1"), vm => vm.NotWanted("asked for"), by: "token:2 (other)");
        vms.Change(VmId.Parse("run-1"), vm => vm.NotWanted("again"), by: "token:3 (late)");
        vms.Change(VmId.Parse("run-1"), vm => vm with { GoneAt = Noon });
        vms.Add(Vm("run-2"));
        vms.Change(VmId.Parse("run-2"), vm => vm.Failed(new Contracts.VmFailure("no-job", "No job came.", "Send one.")));

        var rows = Audit(database).Read().ToList();
        Assert.Equal(
            [
                "1 token:1 (tests) vm-requested run-1 acme/gpu 7 done: image debian-12, by main",
                $"2 token:2 (other) vm-extended run-1 acme/gpu 7 done: until {Noon.AddHours(3):u}",
                "3 token:2 (other) vm-deleted run-1 acme/gpu 7 done: asked for",
                "4 server:here vm-gone run-1 acme/gpu 7 done: ",
                "5 token:1 (tests) vm-requested run-2 acme/gpu  done: image debian-12",
                "6 server:here vm-ended run-2 acme/gpu  no-job: No job came.",
            ],
            rows.Select(row => $"{row.Sequence} {row.Actor} {row.Action} {row.Target} {row.Repository} {row.Run} {row.Outcome}: {row.Detail}"));
        Assert.All(rows, row => Assert.Equal((Noon, 1), (row.At, row.Count)));
        Assert.Null(AuditChain.Check(() => Audit(database).Read()).Fault);
    }

    [Fact]
    public async Task A_token_that_is_made_or_revoked_is_told_without_its_secret()
    {
        using var store = await MakeStoreAsync();
        using var database = new Database(store.Options);
        var tokens = new TokenTable(database, new FakeTimeProvider(Noon));
        var token = ApiToken.Create();

        tokens.Add(token, "ci", new Grant(["acme/gpu"]), expiresAt: null);
        Assert.True(tokens.Revoke(token.Id));
        Assert.False(tokens.Revoke(token.Id));

        Assert.Equal(
            [("token-created", token.Id, "ci: acme/gpu"), ("token-revoked", token.Id, "")],
            Audit(database).Read().Select(row => (row.Action, row.Target, row.Detail)));
        Assert.All(Audit(database).Read(), row => Assert.Equal($"operator:{Environment.UserName}", row.Actor));
    }

    [Fact]
    public async Task What_cannot_be_told_does_not_happen()
    {
        using var store = await MakeStoreAsync();
        using var database = new Database(store.Options);
        var (vms, tokens) = (Table(database), new TokenTable(database, TimeProvider.System));
        var token = ApiToken.Create();
        vms.Add(Vm("run-1"));
        tokens.Add(token, "ci", new Grant(["acme/gpu"]), expiresAt: null);
        store.Execute("ALTER TABLE audit RENAME TO elsewhere");

        Assert.Throws<StoreException>(() => vms.Add(Vm("run-2")));
        Assert.Throws<StoreException>(() => vms.Change(VmId.Parse("run-1"), vm => vm.NotWanted("over")));
        Assert.Throws<StoreException>(() => tokens.Revoke(token.Id));

        Assert.Equal(Wanted.Present, Assert.Single(vms.List()).Wanted);
        Assert.NotNull(tokens.Authenticate(token));
    }

    [Fact]
    public async Task No_statement_changes_or_deletes_a_row()
    {
        using var store = await MakeStoreAsync();
        using var database = new Database(store.Options);
        Table(database).Add(Vm());
        var before = Audit(database).Last();

        foreach (var statement in Attempts)
        {
            Assert.Contains("rows of audit cannot be", Assert.ThrowsAny<System.Data.Common.DbException>(() => store.Execute(statement)).Message, StringComparison.Ordinal);
        }

        Assert.Equal($"{before}", $"{Audit(database).Last()}");
    }

    [Fact]
    public async Task Writers_at_the_same_time_make_one_chain()
    {
        const int Each = 20;
        using var store = await MakeStoreAsync();
        var hosts = HostNames.Select(name => new Database(store.OptionsOf(name))).ToList();
        try
        {
            await Task.WhenAll(hosts.SelectMany(host => Enumerable.Range(0, 2).Select(part => Task.Run(() =>
            {
                for (var number = 0; number < Each; number++)
                {
                    Table(host).Add(Vm($"{host.HostName}-{part}-{number}"));
                }
            }))));

            Assert.Equal(new AuditVerdict(Audit(hosts[0]).Last()).ToString(), AuditChain.Check(() => Audit(hosts[0]).Read()).ToString());
            Assert.Equal(hosts.Count * 2 * Each, Audit(hosts[0]).Last().Sequence);
        }
        finally
        {
            hosts.ForEach(host => host.Dispose());
        }
    }

    [Fact]
    public async Task A_long_log_is_read_page_by_page_from_a_time_on()
    {
        using var store = await MakeStoreAsync();
        using var database = new Database(store.Options);
        var time = new FakeTimeProvider(Noon);
        var audit = new AuditTable(database, time);
        audit.Append([.. Enumerable.Range(0, 1500).Select(number => new AuditEntry("\0\uD800" + number, AuditAction.VmDenied) { Detail = new string('é', 2000) })]);
        time.Advance(TimeSpan.FromMinutes(1));
        audit.Append([.. Enumerable.Repeat(new AuditEntry("late", AuditAction.VmDenied), 1000)]);

        Assert.Equal((2500, 1000, 0), (audit.Read().Count(), audit.Read(Noon.AddSeconds(30)).Count(), audit.Read(Noon.AddHours(1)).Count()));
        Assert.Null(AuditChain.Check(() => audit.Read()).Fault);
    }

    /// <summary>How somebody might try to change what is written.</summary>
    private protected abstract IReadOnlyList<string> Attempts { get; }

    /// <summary>Those who have the store in common.</summary>
    private protected abstract IReadOnlyList<string> HostNames { get; }

    private protected abstract Task<TestStore> MakeStoreAsync();

    private static VmTable Table(Database database) => new(database, new VmNews(), new FakeTimeProvider(Noon));

    private static AuditTable Audit(Database database) => new(database, TimeProvider.System);
}
