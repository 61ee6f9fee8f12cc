using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Provisioner.Contracts;
using Provisioner.Server.Access;
using Provisioner.Server.Placement;
using Provisioner.Server.Store;

namespace Provisioner.Tests.Server;

/// <summary>A host that operators have take no new VM, as callers meet it.</summary>
public sealed class DrainTests
{
    private const int Patience = 60_000;

    [Fact(Timeout = Patience)]
    public async Task Who_asks_waits_with_the_reason_who_is_there_lives_on_and_a_restart_changes_nothing()
    {
        await using var server = await RunningServer.StartAsync();
        var name = server.Options.HostName;
        using var operators = Connect(server, HostRole.Operator);
        await server.CreateVmAsync("run-1");
        await server.FollowAsync("run-1", change => change.Phase == VmPhase.Online);

        var drained = await ReadAsync(await operators.PostAsync($"/v1/hosts/{name}/drain", null, TestContext.Current.CancellationToken));
        await server.CreateVmAsync("run-2");
        await server.FollowAsync("run-2", change => change.Message == $"Waits as number 1 of 1: {Placing.Draining}.");

        Assert.Equal((1, true, true), (drained.Vms, drained.Own, drained.Up));
        Assert.StartsWith("token:", drained.DrainingBy, StringComparison.Ordinal);
        await server.StartAgainAsync(await server.StopAsync());
        Assert.Equal(VmPhase.Online, server.Vms.Find(Provisioner.Hypervisors.VmId.Parse("run-1"))!.Phase);
        Assert.Contains("is being drained", (await GetAsync(server, "run-2")).Explanation, StringComparison.Ordinal);

        using var again = Connect(server, HostRole.Operator);
        var resumed = await ReadAsync(await again.PostAsync($"/v1/hosts/{name}/resume", null, TestContext.Current.CancellationToken));
        Assert.Null(resumed.DrainingSince);
        await server.FollowAsync("run-2", change => change.Phase == VmPhase.Online);
    }

    [Fact(Timeout = Patience)]
    public async Task Warm_vms_go_from_a_drained_host_and_come_again()
    {
        await using var server = await RunningServer.StartAsync(options => options.Images["debian-12"].Warm = 1);
        var name = server.Options.HostName;
        using var operators = Connect(server, HostRole.Operator);
        using var following = server.Services.GetRequiredService<VmNews>().Follow(id: null);
        await UntilAsync(following, () => Row(server).Holding == 1);

        using var drained = await operators.PostAsync($"/v1/hosts/{name}/drain", null, TestContext.Current.CancellationToken);
        await UntilAsync(following, () => Row(server).Holding == 0);

        using var resumed = await operators.PostAsync($"/v1/hosts/{name}/resume", null, TestContext.Current.CancellationToken);
        await UntilAsync(following, () => Row(server).Holding == 1);
    }

    [Fact(Timeout = Patience)]
    public async Task Operators_alone_drain_viewers_look_and_others_learn_nothing()
    {
        await using var server = await RunningServer.StartAsync();
        using var viewer = Connect(server, HostRole.Viewer);
        using var operators = Connect(server, HostRole.Operator);
        var drain = $"/v1/hosts/{server.Options.HostName}/drain";

        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(server.Http, drain));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(viewer, drain));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(operators, drain, ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(operators, drain, ("Origin", "https://evil.example.org")));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(operators, "/v1/hosts/elsewhere/drain"));
        Assert.Null(Row(server).DrainingSince);

        using var refused = await server.Http.GetAsync("/v1/hosts", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        var host = Assert.Single((await viewer.GetFromJsonAsync("/v1/hosts", WireJson.Default.HostViewArray, TestContext.Current.CancellationToken))!);
        Assert.Equal((server.Options.HostName, server.Options.Vms.MaxRunning, 0L, null), (host.Name, (int)host.Room!.Vms, host.Held!.Vms, host.Room.Cpus));
    }

    private static HostRow Row(RunningServer server) => server.Services.GetRequiredService<HostTable>().FindOwn()!;

    private static HttpClient Connect(RunningServer server, HostRole role)
    {
        var token = ApiToken.Create();
        server.Services.GetRequiredService<TokenTable>().Add(token, "ops", new Grant(["acme/gpu"]) { Limits = new GrantLimits { Role = role } }, expiresAt: null);
        return server.Connect(token.Text);
    }

    private static async Task UntilAsync(VmNews.Following following, Func<bool> isSo)
    {
        while (!isSo())
        {
            await following.WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient http, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<HostView> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return (await answer.Content.ReadFromJsonAsync(WireJson.Default.HostView, TestContext.Current.CancellationToken))!;
        }
    }

    private static async Task<VmView> GetAsync(RunningServer server, string id) =>
        (await server.Http.GetFromJsonAsync($"/v1/vms/{id}", WireJson.Default.VmView, TestContext.Current.CancellationToken))!;
}
