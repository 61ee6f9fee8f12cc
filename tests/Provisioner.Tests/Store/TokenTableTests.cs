using Microsoft.Extensions.Time.Testing;
using Provisioner.Server.Access;
using Provisioner.Server.Store;
using static Provisioner.Tests.Server.Rows;

namespace Provisioner.Tests.Store;

/// <summary>The operator's tokens, whatever the database, and whether or not a server runs on it.</summary>
public abstract class TokenTableTests
{
    [Fact]
    public async Task A_token_opens_until_it_expires_or_is_revoked()
    {
        using var store = await MakeStoreAsync();
        using var database = new Database(store.Options);
        var time = new FakeTimeProvider(Noon);
        var tokens = new TokenTable(database, time);
        var (lasting, passing) = (ApiToken.Create(), ApiToken.Create());
        tokens.Add(lasting, "lasting", new Grant(["acme/gpu", "acme/*"]), expiresAt: null);
        tokens.Add(passing, "passing", new Grant(["acme/gpu"]), Noon.AddDays(1));

        Assert.Equal(["acme/gpu", "acme/*"], tokens.Authenticate(lasting)!.Grant.Repositories);
        Assert.NotNull(tokens.Authenticate(passing));
        Assert.Null(tokens.Authenticate(lasting with { Text = passing.Text }));
        time.Advance(TimeSpan.FromDays(2));
        Assert.Null(tokens.Authenticate(passing));
        Assert.True(tokens.Revoke(lasting.Id));
        Assert.False(tokens.Revoke(lasting.Id));
        Assert.Null(tokens.Authenticate(lasting));
        Assert.Equal(["lasting", "passing"], tokens.List().Select(token => token.Name).Order());
    }

    [Fact]
    public async Task A_tokens_limits_are_kept_with_it()
    {
        using var store = await MakeStoreAsync();
        using var database = new Database(store.Options);
        var tokens = new TokenTable(database, TimeProvider.System);
        var (free, bound) = (ApiToken.Create(), ApiToken.Create());
        var limits = new GrantLimits { Images = ["debian-12"], MaxVms = 2, Cpus = 4, Memory = 4096, Lifetime = TimeSpan.FromHours(1), Hardware = [], Labels = ["gpu"] };
        tokens.Add(free, "free", new Grant(["acme/gpu"]), expiresAt: null);
        tokens.Add(bound, "bound", new Grant(["acme/gpu"]) { Limits = limits }, expiresAt: null);

        var (none, read) = (tokens.Authenticate(free)!.Grant, tokens.Authenticate(bound)!.Grant);

        Assert.Equal(($"token:{bound.Id}", GrantLimits.None), (read.Rule, none.Limits));
        Assert.Equal(["debian-12", "-", "gpu"], [.. read.Limits.Images!, "-", .. read.Limits.Hardware!, .. read.Limits.Labels!]);
        Assert.Equal(limits, read.Limits with { Images = limits.Images, Hardware = limits.Hardware, Labels = limits.Labels });
    }

    [Fact]
    public async Task Who_makes_tokens_does_not_disturb_the_server_that_runs()
    {
        using var store = await MakeStoreAsync();
        using var running = new Database(store.Options);
        Assert.Equal(1, running.Host.Epoch);
        using (var operators = new Database(store.Options))
        {
            new TokenTable(operators, TimeProvider.System).Add(ApiToken.Create(), "ci", new Grant(["acme/gpu"]), expiresAt: null);
        }

        Assert.True(new VmTable(running, new VmNews(), TimeProvider.System).Add(Vm()).Created);
    }

    private protected abstract Task<TestStore> MakeStoreAsync();
}
