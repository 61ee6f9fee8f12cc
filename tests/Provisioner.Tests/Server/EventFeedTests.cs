using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;

namespace Provisioner.Tests.Server;

/// <summary>The events of all VMs that a caller may see, as one stream.</summary>
public sealed class EventFeedTests
{
    private const int Patience = 60_000;

    [Fact(Timeout = Patience)]
    public async Task Each_event_of_the_callers_vms_comes_once_and_none_of_others()
    {
        await using var server = await RunningServer.StartAsync();
        using var other = Other(server);
        await server.CreateVmAsync("before");
        await server.FollowAsync("before", change => change.Phase == VmPhase.Online);
        await using var stream = await OpenAsync(server.Http, "/v1/events");
        await using var all = SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);

        await CreateAsync(other, "foreign");
        await server.CreateVmAsync("mine");
        server.Vms.Change(Provisioner.Hypervisors.VmId.Parse("before"), vm => vm.NotWanted("enough"));
        var heard = new List<VmEvent>();
        while (!(heard.Any(change => change is { VmId: "mine", Phase: VmPhase.Online }) && heard.Any(change => change is { VmId: "before", Phase: VmPhase.Gone })))
        {
            Assert.True(await all.MoveNextAsync());
            heard.Add(JsonSerializer.Deserialize(all.Current.Data, WireJson.Default.VmEvent)!);
        }

        Assert.DoesNotContain(heard, change => change.VmId == "foreign" || (change.VmId == "before" && change.Phase < VmPhase.Deleting));
        Assert.Equal(heard.Count, heard.Select(change => change.Sequence).Distinct().Count());
    }

    [Fact(Timeout = Patience)]
    public async Task The_past_ends_where_it_is_not_followed_and_goes_on_after_the_event_named()
    {
        await using var server = await RunningServer.StartAsync();
        using var other = Other(server);
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);
        await CreateAsync(other, "foreign");
        var whole = await ReadAsync(server.Http, "/v1/vms/run-1/events?follow=false");

        Assert.Equal(VmPhase.Online, whole[^1].Phase);
        Assert.Equal(whole, await ReadAsync(server.Http, "/v1/events?last=1000&follow=false"));
        Assert.Equal(whole.TakeLast(2), await ReadAsync(server.Http, "/v1/events?last=2&follow=false"));
        Assert.Equal(whole.Skip(1), await ReadAsync(server.Http, "/v1/events?follow=false", after: whole[0].Sequence));
        Assert.Empty(await ReadAsync(server.Http, "/v1/events?follow=false"));
        Assert.DoesNotContain(await ReadAsync(other, "/v1/events?last=1000&follow=false"), change => change.VmId == "run-1");
    }

    [Theory(Timeout = Patience)]
    [InlineData("/v1/events?last=1001")]
    [InlineData("/v1/events?last=-1")]
    [InlineData("/v1/events?last=many")]
    [InlineData("/v1/events?follow=perhaps")]
    public async Task What_is_asked_wrongly_is_refused(string path)
    {
        await using var server = await RunningServer.StartAsync();

        using var answer = await server.Http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private static HttpClient Other(RunningServer server)
    {
        var token = ApiToken.Create();
        server.Services.GetRequiredService<TokenTable>().Add(token, "others", new Grant(["acme/other"]), expiresAt: null);
        return server.Connect(token.Text);
    }

    private static async Task CreateAsync(HttpClient http, string id)
    {
        using var body = new StringContent($$"""{"image": "debian-12", "id": "{{id}}"}""", mediaType: new("application/json"));
        using var answer = await http.PostAsync("/v1/vms", body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
    }

    private static Task<Stream> OpenAsync(HttpClient http, string path) => http.GetStreamAsync(path, TestContext.Current.CancellationToken);

    private static async Task<List<VmEvent>> ReadAsync(HttpClient http, string path, long? after = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Last-Event-ID", $"{after ?? 0}");
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        await using var stream = await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
        var events = new List<VmEvent>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken))
        {
            events.Add(JsonSerializer.Deserialize(item.Data, WireJson.Default.VmEvent)!);
        }

        return events;
    }
}
