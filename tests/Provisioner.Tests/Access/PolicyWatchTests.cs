using System.Threading.Channels;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Server.Access;
using Provisioner.Server.Configuration;
using Provisioner.Server.Store;
using Provisioner.Tests.Store;

namespace Provisioner.Tests.Access;

/// <summary>A policy changes while the server runs; a broken file changes nothing.</summary>
public sealed class PolicyWatchTests : IAsyncLifetime
{
    private const int Patience = 30_000;
    private const string Good = """{ "rules": [{ "name": "a", "who": { "repository_id": 100 }, "may": { "images": ["*"], "maxVms": 1 } }] }""";
    private const string Broken = """{ "rules": [{ "name": "b", "who": {}, "may": { "images": ["*"], "maxVms": 1 } }] }""";

    private readonly string _file = Path.GetTempFileName();
    private readonly FakeTimeProvider _time = new();
    private readonly AccessPolicy _policy = new();
    private readonly Channel<string> _logs = Channel.CreateUnbounded<string>();
    private readonly TestStore _store = TestStore.Sqlite();
    private readonly Database _database;
    private PolicyWatch _watch = null!;

    public PolicyWatchTests() => _database = new Database(_store.Options);

    private AuditTable Audit => new(_database, _time);

    public ValueTask InitializeAsync()
    {
        var logs = FakeLogCollector.Create(new FakeLogCollectorOptions { OutputSink = line => _logs.Writer.TryWrite(line) });
        _watch = new PolicyWatch(_policy, Audit, new ServerOptions { PolicyFile = _file }, _time, new FakeLogger<PolicyWatch>(logs));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.StopAsync(CancellationToken.None);
        _watch.Dispose();
        _database.Dispose();
        _store.Dispose();
        File.Delete(_file);
    }

    [Fact(Timeout = Patience)]
    public async Task What_stands_in_the_file_counts_before_the_server_listens()
    {
        await StartAsync(Good);

        Assert.Equal("a", Decide());
    }

    [Fact(Timeout = Patience)]
    public async Task A_changed_file_is_taken_without_a_restart()
    {
        await StartAsync(Good);

        await ChangeAsync(Good.Replace("\"a\"", "\"z\"", StringComparison.Ordinal), "Took the policy of");

        Assert.Equal("z", Decide());
    }

    [Fact(Timeout = Patience)]
    public async Task A_broken_file_keeps_the_policy_and_is_spoken_of_once_until_a_good_one_comes()
    {
        await StartAsync(Good);

        var said = await ChangeAsync(Broken, "is broken, and the one before it stays in force");
        Assert.Contains("rule b: who: repository_id or repository_owner_id is missing", said, StringComparison.Ordinal);
        Assert.Equal("a", Decide());
        _time.Advance(PolicyWatch.Period * 3);

        await ChangeAsync(Good.Replace("\"a\"", "\"c\"", StringComparison.Ordinal), "Took the policy of"); // and not a word of the broken one between
        Assert.Equal("c", Decide());
    }

    [Fact(Timeout = Patience)]
    public async Task A_file_that_is_deleted_or_empty_keeps_the_policy_and_the_same_one_put_back_is_taken()
    {
        await StartAsync(Good);

        await ChangeAsync("", "is broken");
        await ChangeAsync(null, "cannot be read");
        Assert.Equal("a", Decide());

        await ChangeAsync(Good, "Took the policy of");
        Assert.Equal("a", Decide());
    }

    [Fact(Timeout = Patience)]
    public async Task A_change_that_keeps_length_and_time_is_seen_too()
    {
        await StartAsync(Good);
        var written = File.GetLastWriteTimeUtc(_file);

        File.WriteAllText(_file, Good.Replace("100", "200", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(_file, written);
        await NextAsync("Took the policy of");

        Assert.Equal("", Decide());
    }

    private async Task StartAsync(string text)
    {
        File.WriteAllText(_file, text);
        await _watch.StartAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Took the policy of", await _logs.Reader.ReadAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task<string> ChangeAsync(string? text, string expected)
    {
        if (text is null)
        {
            File.Delete(_file);
        }
        else
        {
            // Whole, as an editor or a deployment puts it there.
            File.WriteAllText($"{_file}.new", text);
            File.Move($"{_file}.new", _file, overwrite: true);
        }

        return await NextAsync(expected);
    }

    private async Task<string> NextAsync(string expected)
    {
        _time.Advance(PolicyWatch.Period);
        var said = await _logs.Reader.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Contains(expected, said, StringComparison.Ordinal);
        return said;
    }

    private string Decide() => _policy.Decide(Policies.Who()).Rule;
}
