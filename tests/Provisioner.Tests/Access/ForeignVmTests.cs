using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Provisioner.Contracts;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Access;
using Provisioner.Server.Store;
using Provisioner.Server.Vms;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Access;

/// <summary>A VM of somebody else looks like none, whatever is asked of it (threat T26); and what only asks, changes nothing (threat T27).</summary>
public sealed class ForeignVmTests
{
    private const int Owners = 10;

    private static readonly (string Method, string Path)[] Calls =
    [
        ("GET", "/v1/vms/{id}"), ("HEAD", "/v1/vms/{id}"), ("GET", "/v1/vms/{id}/events"), ("GET", "/v1/vms/{id}/events?follow=false"), ("POST", "/v1/vms/{id}/extend"), ("DELETE", "/v1/vms/{id}"),
        ("PUT", "/v1/vms/{id}"), ("PATCH", "/v1/vms/{id}"), ("POST", "/v1/vms/{id}"), ("GET", "/v1/vms/{id}/"), ("GET", "/v1/vms/{id}/console"), ("DELETE", "/v1/vms/{id}/events"),
        ("GET", "/v1/vms/{id}/extend"),
    ];

    [Fact(Timeout = 120_000)]
    public async Task Nobody_learns_anything_of_the_vms_of_nine_others_on_any_route()
    {
        await using var server = await StartAsync();
        var clients = Enumerable.Range(0, Owners).Select(owner => Client(server, owner)).ToList();
        var pairs = 0;

        for (var caller = 0; caller < Owners; caller++)
        {
            var none = new Dictionary<(string, string), string>();
            foreach (var call in Calls)
            {
                none[call] = await AskAsync(clients[caller], call, "run-x");
            }

            for (var owner = 0; owner < Owners; owner++)
            {
                foreach (var call in Calls.Where(_ => owner != caller))
                {
                    Assert.Equal(none[call], await AskAsync(clients[caller], call, $"run-{owner}"));
                    pairs++;
                }
            }

            var list = await clients[caller].GetStringAsync("/v1/vms", TestContext.Current.CancellationToken);
            Assert.Equal([$"run-{caller}"], JsonSerializer.Deserialize(list, WireJson.Default.VmViewArray)!.Select(vm => vm.Id));
        }

        Assert.Equal(1170, pairs);
        Assert.All(server.Vms.List(), vm => Assert.Equal(Wanted.Present, vm.Wanted));
        clients.ForEach(client => client.Dispose());
    }

    [Fact(Timeout = 120_000)]
    public async Task An_id_that_is_in_use_by_another_is_refused_in_words_that_say_nothing_of_him()
    {
        await using var server = await StartAsync();
        using var client = Client(server, 1);

        using var content = new StringContent("""{"image": "debian-12", "id": "run-0"}""", mediaType: new MediaTypeHeaderValue("application/json"));
        using var response = await client.PostAsync("/v1/vms", content, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(409, (int)response.StatusCode);
        Assert.DoesNotContain("acme-0", body, StringComparison.Ordinal);
        Assert.DoesNotContain("token:", body, StringComparison.Ordinal);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    [InlineData("TRACE")]
    public async Task What_only_asks_changes_nothing_on_any_route(string method)
    {
        await using var server = await StartAsync();
        using var client = Client(server, 0);
        var routes = server.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .Select(route => $"/{route.RoutePattern.RawText?.Trim('/')}").Distinct().ToList();
        Assert.Contains("/v1/vms/{id}/extend", routes);
        var before = await SettledAsync(server);

        foreach (var route in routes)
        {
            var path = route.Replace("{id}", "run-0", StringComparison.Ordinal);
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            // The events of a VM that lives do not end: what is there is enough.
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.True((int)response.StatusCode < 500, $"{path}: {response.StatusCode}");
        }

        Assert.Equal(before, await StateAsync(server));
    }

    // Machines that boot for an hour: nothing changes of itself meanwhile.
    private static async Task<RunningServer> StartAsync()
    {
        var server = await RunningServer.StartAsync(options =>
        {
            options.Simulated = new SimulatedOptions { BootTime = TimeSpan.FromHours(1) };
            (options.Limits.Burst, options.Limits.RequestsPerSecond) = (10_000, 10_000);
            options.Vms.MaxRunning = Owners;
        });
        for (var owner = 0; owner < Owners; owner++)
        {
            using var client = Client(server, owner);
            using var content = new StringContent($$"""{"image": "debian-12", "id": "run-{{owner}}"}""", mediaType: new MediaTypeHeaderValue("application/json"));
            using var created = await client.PostAsync("/v1/vms", content, TestContext.Current.CancellationToken);
            Assert.Equal(202, (int)created.StatusCode);
            while (server.Vms.Find(VmId.Parse($"run-{owner}"))!.StartedAt is null)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
            }
        }

        return server;
    }

    private static HttpClient Client(RunningServer server, int owner)
    {
        var token = ApiToken.Create();
        server.Services.GetRequiredService<TokenTable>().Add(token, $"owner-{owner}", new Grant([$"acme-{owner}/gpu"]), expiresAt: null);
        return server.Connect(token.Text);
    }

    private static async Task<string> AskAsync(HttpClient client, (string Method, string Path) call, string id)
    {
        using var request = new HttpRequestMessage(new HttpMethod(call.Method), call.Path.Replace("{id}", id, StringComparison.Ordinal));
        if (call.Method is "POST" or "PUT" or "PATCH")
        {
            request.Content = new StringContent("""{"lifetime": "01:00:00"}""", mediaType: new MediaTypeHeaderValue("application/json"));
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var headers = string.Join(", ", response.Headers.Concat(response.Content.Headers).Where(header => header.Key != "Date").Select(header => $"{header.Key}: {string.Join(' ', header.Value)}"));
        return $"{(int)response.StatusCode} {headers} {body}".Replace(id, "ID", StringComparison.Ordinal);
    }

    // Machines are said to have been started a moment before they run.
    private static async Task<string> SettledAsync(RunningServer server)
    {
        var state = await StateAsync(server);
        while (state.Contains("Power = Off", StringComparison.Ordinal) || state != await StateAsync(server))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, TestContext.Current.CancellationToken);
            state = await StateAsync(server);
        }

        return state;
    }

    private static async Task<string> StateAsync(RunningServer server)
    {
        var machines = await server.Hypervisor.ListAsync(TestContext.Current.CancellationToken);
        var rows = server.Vms.List().Select(vm => $"{vm with { Labels = [] }} {string.Join(' ', vm.Labels)} {server.Vms.Events(vm.Id, 0).Count}");
        return string.Join('\n', [.. rows, .. machines.Select(machine => machine.ToString()).Order(), .. server.GitHub.Seen.Calls().Where(call => !call.StartsWith("GET", StringComparison.Ordinal))]);
    }
}
