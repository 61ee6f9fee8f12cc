using Microsoft.Extensions.Time.Testing;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Server.Access;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Store;

/// <summary>What an earlier version has written is there after an update.</summary>
public abstract class MigrationTests
{
    // As the first version wrote them.
    private const string Rows =
        """
        INSERT INTO vms (id, key, caller, repository, image, labels, wanted, phase, reason, registration, runner_id, created_at, expires_at)
        VALUES ('run-1', 'key', 'token:1 (tests)', 'acme/gpu', 'debian-12', 'run-1', 0, 4, 'The runner is online.', 2, 7, 1764000000000, 1764007200000);
        INSERT INTO events (vm, at, phase, message) VALUES ('run-1', 1764000000000, 4, 'The runner is online.');
        INSERT INTO tokens (id, name, hash, repositories, created_at) VALUES ('0123456789ab', 'ci', HASH, 'acme/gpu', 1764000000000);
        """;

    public static TheoryData<int> EarlierSchemas { get; } = [.. Enumerable.Range(1, Schema.Steps.Count - 1)];

    [Theory]
    [MemberData(nameof(EarlierSchemas))]
    public async Task What_an_earlier_version_wrote_is_read_after_the_upgrade(int version)
    {
        using var store = await MakeStoreAsync();
        var token = ApiToken.Create();
        Bring(store, version);
        store.Execute(Rows.Replace("HASH", HashLiteral(token), StringComparison.Ordinal).Replace("0123456789ab", token.Id, StringComparison.Ordinal));

        using var database = new Database(store.Options);
        var vms = new VmTable(database, new VmNews(), new FakeTimeProvider(Noon));
        var claimed = database.Host;

        var vm = Assert.Single(vms.Live());
        Assert.Equal(("run-1", "here", 7L, VmPhase.Online), (vm.Id.Value, vm.Host, vm.RunnerId, vm.Phase));
        Assert.Equal("The runner is online.", Assert.Single(vms.Events(vm.Id, after: 0)).Message);
        Assert.Equal("ci", new TokenTable(database, new FakeTimeProvider(Noon)).Authenticate(token)?.Name);
        Assert.Equal(1, claimed.Epoch);
        Assert.NotNull(vms.Change(VmId.Parse("run-1"), row => row.NotWanted("over")));
    }

    [Fact]
    public async Task A_schema_that_is_newest_is_left_alone()
    {
        using var store = await MakeStoreAsync();
        using var dialect = Dialect.Of(store.Options);

        Assert.Equal(Schema.Steps.Count, Migration.Bring(dialect));
        Assert.Equal(0, Migration.Bring(dialect));
    }

    [Fact]
    public async Task A_step_that_fails_leaves_the_schema_before_it()
    {
        using var store = await MakeStoreAsync();
        using var dialect = Dialect.Of(store.Options);
        string[] broken = [Schema.Steps[0], "ALTER TABLE vms ADD COLUMN half TEXT; ALTER TABLE no_such_table ADD COLUMN other TEXT"];
        Assert.ThrowsAny<System.Data.Common.DbException>(() => Migration.Bring(dialect, broken));

        Assert.Equal(1, Migration.Bring(dialect, [Schema.Steps[0], "ALTER TABLE vms ADD COLUMN half TEXT"]));
    }

    [Fact]
    public async Task A_server_does_not_start_on_what_a_newer_version_wrote()
    {
        using var store = await MakeStoreAsync();
        using (var dialect = Dialect.Of(store.Options))
        {
            Migration.Bring(dialect, [.. Schema.Steps, "CREATE TABLE of_the_future (id INTEGER)"]);
        }

        var refusal = Assert.Throws<StoreException>(() => new Database(store.Options));

        Assert.Contains("newer version", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_servers_that_start_at_once_on_an_empty_database_make_its_schema_once()
    {
        using var store = await MakeStoreAsync();

        Parallel.For(0, 4, _ => new Database(store.Options).Dispose());

        using var database = new Database(store.Options);
        database.Check();
    }

    private protected abstract Task<TestStore> MakeStoreAsync();

    private protected abstract string HashLiteral(ApiToken token);

    private static void Bring(TestStore store, int version)
    {
        using var dialect = Dialect.Of(store.Options);
        Migration.Bring(dialect, [.. Schema.Steps.Take(version)]);
    }
}
