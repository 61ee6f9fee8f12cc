using Provisioner.Server.Store;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Store;

/// <summary>The tokens of workflows that have been used up, whatever the database.</summary>
public abstract class UsedTokenTableTests
{
    [Fact]
    public async Task A_token_is_used_once_whoever_uses_it_and_is_forgotten_when_nobody_accepts_it_any_more()
    {
        using var store = await MakeStoreAsync();
        using var database = new Database(store.Options);
        using var other = new Database(store.Options);
        var (here, there) = (new UsedTokenTable(database), new UsedTokenTable(other));
        var until = Noon.AddMinutes(6);

        Assert.True(here.Use("one", until, Noon));
        Assert.True(there.Use("two", until, Noon));
        Assert.False(there.Use("one", until, Noon));
        Assert.False(here.Use("one", until, Noon.AddMinutes(6)));
        Assert.True(here.Use("three", Noon.AddHours(3), Noon.AddHours(2)));
        Assert.Equal(1L, Convert.ToInt64(database.Read(session => session.Scalar("SELECT COUNT(*) FROM used_tokens")), System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Of_many_at_once_one_is_first()
    {
        using var store = await MakeStoreAsync();
        using var database = new Database(store.Options);
        var used = new UsedTokenTable(database);
        var firsts = 0;

        Parallel.For(0, 40, _ => Interlocked.Add(ref firsts, used.Use("one", Noon.AddMinutes(6), Noon) ? 1 : 0));

        Assert.Equal(1, firsts);
    }

    private protected abstract Task<TestStore> MakeStoreAsync();
}
