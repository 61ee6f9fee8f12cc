using Microsoft.Extensions.Logging.Testing;
using Provisioner.Server.Access;
using Provisioner.Server.Audit;
using Provisioner.Server.Store;
using Provisioner.Tests.Store;

namespace Provisioner.Tests.Access;

/// <summary>The log says who came and why somebody was sent away, and holds nothing that would let its reader in.</summary>
public sealed class TokenLogTests
{
    [Fact(Timeout = 30_000)]
    public async Task What_became_of_a_token_is_logged_without_the_token()
    {
        await using var issuer = await TestIssuer.StartAsync();
        using var store = TestStore.Sqlite();
        using var database = new Database(store.Options);
        using var keys = new IssuerKeys(new IssuerDocuments(issuer.Url), TimeProvider.System, new FakeLogger<IssuerKeys>());
        var logs = new FakeLogCollector();
        var door = new WorkflowAuthentication(
            new IdTokenVerifier(issuer.Url, TestIssuer.Audience, keys, TimeProvider.System), Policies.Of(TemporaryPolicy.Rules(TestIssuer.Acme)), new UsedTokenTable(database),
            new Refusals(new AuditTable(database, TimeProvider.System)), TimeProvider.System, new FakeLogger<WorkflowAuthentication>(logs));
        var stale = issuer.Token(TimeProvider.System.GetUtcNow().AddMinutes(-20));
        string[] tokens = [issuer.Token(), issuer.TokenOf("strangers/x"), stale, $"{issuer.Token()[..^8]}AAAAAAAA"];

        foreach (var token in tokens.Prepend(tokens[0]))
        {
            await door.AuthenticateAsync(token, changes: true, TestContext.Current.CancellationToken);
        }

        var told = logs.GetSnapshot().Select(record => record.Message).ToList();
        Assert.Equal(5, told.Count);
        Assert.Contains("of acme/gpu, run 7001, attempt 2, by rule all-of-them", told[0], StringComparison.Ordinal);
        Assert.Contains("it has been used before", told[1], StringComparison.Ordinal);
        Assert.Contains("Denied", told[2], StringComparison.Ordinal);
        Assert.Equal("Refused a token that GitHub has signed: it has expired", told[3]);
        Assert.Equal("Refused a token: its signature does not hold", told[4]);
        Assert.All(tokens.SelectMany(token => token.Split('.')), part => Assert.DoesNotContain(told, line => line.Contains(part, StringComparison.Ordinal)));
    }
}
