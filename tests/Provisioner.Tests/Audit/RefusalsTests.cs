using System.Net;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Server.Access;
using Provisioner.Server.Audit;
using Provisioner.Server.Store;
using Provisioner.Tests.Store;

namespace Provisioner.Tests.Audit;

/// <summary>Refusals can be caused by anybody: they are told, and cannot fill the disk.</summary>
public sealed class RefusalsTests : IDisposable
{
    private readonly TestStore _store = TestStore.Sqlite();
    private readonly Database _database;
    private readonly FakeTimeProvider _time = new(Server.Rows.Noon);
    private readonly AuditTable _audit;
    private readonly Refusals _refusals;

    public RefusalsTests()
    {
        _database = new Database(_store.Options);
        _audit = new AuditTable(_database, _time);
        _refusals = new Refusals(_audit);
    }

    [Fact]
    public void A_flood_of_bad_tokens_from_one_address_is_one_row_with_its_number()
    {
        Parallel.For(0, 10_000, _ => _refusals.Note(SignIn("203.0.113.7")));

        _refusals.Write();
        _refusals.Write();

        var row = Assert.Single(_audit.Read());
        Assert.Equal(("address:203.0.113.7", "sign-in-refused", "unauthenticated", 10_000), (row.Actor, row.Action, row.Outcome, row.Count));
    }

    [Fact]
    public void A_flood_from_many_addresses_is_a_bounded_number_of_rows_and_none_is_left_out_of_the_count()
    {
        for (var number = 0; number < 10_000; number++)
        {
            _refusals.Note(SignIn($"10.0.{number / 256}.{number % 256}"));
        }

        _refusals.Note(new AuditEntry("token:1 (ci)", AuditAction.VmDenied) { Outcome = "queue-full" });
        _refusals.Write();

        var rows = _audit.Read().ToLookup(row => row.Action);
        Assert.Equal((Refusals.MostRows + 1, 10_000), (rows["sign-in-refused"].Count(), rows["sign-in-refused"].Sum(row => row.Count)));
        Assert.Equal(("others", 10_000 - Refusals.MostRows), rows["sign-in-refused"].Select(row => (row.Actor, row.Count)).Last());
        Assert.Equal("queue-full", Assert.Single(rows["vm-denied"]).Outcome); // the flood does not hide what else happens
    }

    [Theory]
    [InlineData("::ffff:203.0.113.7", "address:203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "address:2001:db8:1:2::/64")]
    public void An_address_is_what_one_customer_has(string address, string actor) => Assert.Equal(actor, Refusals.At(IPAddress.Parse(address)));

    [Fact]
    public void What_the_store_does_not_take_is_counted_on()
    {
        _refusals.Note(SignIn("203.0.113.7"));
        _refusals.Note(SignIn("203.0.113.7"));
        _store.Execute("ALTER TABLE audit RENAME TO elsewhere");
        Assert.Throws<StoreException>(_refusals.Write);
        _store.Execute("ALTER TABLE elsewhere RENAME TO audit");

        _refusals.Note(SignIn("203.0.113.7"));
        _refusals.Write();

        Assert.Equal(3, Assert.Single(_audit.Read()).Count);
    }

    [Fact(Timeout = 60_000)]
    public async Task Counts_and_uses_are_written_each_minute_and_at_the_end_and_checkpoints_go_to_the_log_each_hour()
    {
        var logs = new FakeLogCollector();
        var tokens = new TokenTable(_database, _time);
        var token = ApiToken.Create();
        tokens.Add(token, "ci", new Grant(["acme/gpu"]), expiresAt: null);
        using var keeping = new RecordKeeping(_audit, _refusals, tokens, _time, new FakeLogger<RecordKeeping>(logs));
        await keeping.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal($"Audit checkpoint {_audit.Last()}", logs.LatestRecord.Message);
        Assert.NotNull(tokens.Authenticate(token));
        Assert.Null(Assert.Single(tokens.List()).LastUsedAt); // a request writes nothing
        _refusals.Note(SignIn("203.0.113.7"));

        await PassAsync(() => _audit.Last().Sequence == 2);
        Assert.Equal(Server.Rows.Noon, Assert.Single(tokens.List()).LastUsedAt);

        await PassAsync(() => logs.Count == 2);
        _refusals.Note(SignIn("203.0.113.8"));
        await keeping.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["address:203.0.113.7", "address:203.0.113.8"], _audit.Read().Skip(1).Select(row => row.Actor));
        Assert.Equal(3, logs.Count);
        Assert.True(AuditMark.TryParse(logs.LatestRecord.Message.Split(' ')[^1], out var last));
        Assert.Equal($"{_audit.Last()}", $"{last}");
    }

    public void Dispose()
    {
        _database.Dispose();
        _store.Dispose();
    }

    // Several ticks that come at once are one: each has to be seen to before the next.
    private async Task PassAsync(Func<bool> done)
    {
        while (!done())
        {
            _time.Advance(RecordKeeping.Period);
            await Task.Yield();
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static AuditEntry SignIn(string address) =>
        new(Refusals.At(IPAddress.Parse(address)), AuditAction.SignInRefused) { Outcome = "unauthenticated" };
}
