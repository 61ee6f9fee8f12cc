using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Server.Access;
using Provisioner.Server.Store;
using Provisioner.Tests.Programs;
using Provisioner.Tests.Store;

namespace Provisioner.Tests.Access;

/// <summary>A token that ends, ends on what is open: the next request of a connection is refused, and a stream of events stops.</summary>
public sealed class EndedTokenTests
{
    private const int Patience = 120_000;

    [Fact(Timeout = Patience)]
    public async Task A_token_that_another_process_revokes_opens_nothing_more_on_the_connection_that_it_opened()
    {
        using var server = await ServerProgram.StartAsync([], []);
        var connections = 0;
        using var http = server.OpenHttp(() => connections++);
        using var before = await http.GetAsync("/v1/vms", TestContext.Current.CancellationToken);

        var revoked = await server.OperateAsync("token", "revoke", server.Token.Split('_')[1]);
        using var after = await http.GetAsync("/v1/vms", TestContext.Current.CancellationToken);

        Assert.Equal(0, revoked.Code);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized, 1), (before.StatusCode, after.StatusCode, connections));
        Assert.DoesNotContain(Directory.EnumerateFiles(server.DataFolder, "provisioner.db*"), file => Holds(file, server.Token));
    }

    [Fact(Timeout = Patience)]
    public async Task The_event_streams_of_a_token_that_another_process_revokes_end_and_those_of_others_do_not()
    {
        using var server = await ServerProgram.StartAsync([], new JsonObject { ["bootTime"] = "01:00:00" });
        var other = (await server.OperateAsync("token", "create", "--name", "other", "--repository", "acme/gpu")).Output.Trim();
        await server.CreateAsync("run-1");
        using var stays = await FollowAsync(server, other);
        using var ends = await FollowAsync(server, server.Token);

        Assert.Equal(0, (await server.OperateAsync("token", "revoke", server.Token.Split('_')[1])).Code);
        await ReadToEndAsync(ends); // nothing but the server ends it: the machine boots for an hour

        using var http = server.OpenHttp();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", other);
        using var deleted = await http.DeleteAsync("/v1/vms/run-1", TestContext.Current.CancellationToken);
        Assert.Contains("\"phase\":\"gone\"", await ReadToEndAsync(stays), StringComparison.Ordinal);
        using var again = await server.Http.GetAsync("/v1/vms/run-1/events", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        Assert.DoesNotContain(Directory.EnumerateFiles(server.DataFolder, "provisioner.db*"), file => Holds(file, server.Token) || Holds(file, other));
    }

    [Fact(Timeout = Patience)]
    public async Task What_a_token_has_opened_ends_when_it_expires_and_not_before()
    {
        using var store = TestStore.Sqlite();
        using var database = new Database(store.Options);
        var time = new FakeTimeProvider(Server.Rows.Noon);
        var tokens = new TokenTable(database, time);
        var (passing, lasting) = (ApiToken.Create(), ApiToken.Create());
        tokens.Add(passing, "passing", new Grant(["acme/gpu"]), time.GetUtcNow().AddMinutes(1));
        tokens.Add(lasting, "lasting", new Grant(["acme/gpu"]), expiresAt: null);
        using var end = new CredentialEnd(tokens, certificates: null, time);
        await end.StartAsync(TestContext.Current.CancellationToken);
        using var ends = end.Open(new Caller("passing", new Grant([])) { TokenId = passing.Id });
        using var stays = end.Open(new Caller("lasting", new Grant([])) { TokenId = lasting.Id });
        using var workflow = end.Open(new Caller("workflow", new Grant([])));
        DateTimeOffset? endedAt = null;
        using var noted = ends.Ended.Register(() => endedAt = time.GetUtcNow());

        while (endedAt is null)
        {
            time.Advance(CredentialEnd.Period);
            await Task.Yield();
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }

        Assert.True(endedAt >= Server.Rows.Noon.AddMinutes(1), $"It ended at {endedAt:u}.");
        Assert.False(stays.Ended.IsCancellationRequested || workflow.Ended.IsCancellationRequested);
        await end.StopAsync(TestContext.Current.CancellationToken);
    }

    private static async Task<Stream> FollowAsync(ServerProgram server, string token)
    {
        var http = server.OpenHttp();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var stream = await http.GetStreamAsync("/v1/vms/run-1/events", TestContext.Current.CancellationToken);
        var greeting = new byte[7];
        await stream.ReadExactlyAsync(greeting, TestContext.Current.CancellationToken);
        Assert.Equal(": hello", Encoding.UTF8.GetString(greeting));
        return stream;
    }

    private static async Task<string> ReadToEndAsync(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    // Read while the server writes.
    private static bool Holds(string path, string text)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0;
    }
}
