using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Provisioner.Contracts;

namespace Provisioner.Tests.Access;

/// <summary>A token changes something once, however often and wherever it is sent again.</summary>
public sealed class ReplayTests
{
    [Fact(Timeout = 120_000)]
    public async Task Of_200_requests_at_once_with_one_token_one_is_accepted_and_none_after_a_restart()
    {
        await using var running = await WorkflowServer.StartAsync();
        var token = running.Issuer.Token();

        var first = await SendAsync(running, token, 200);
        await running.Server.StartAgainAsync(await running.Server.StopAsync());
        var later = await SendAsync(running, token, 20);

        Assert.Equal(1, first.Count(status => status == HttpStatusCode.Accepted));
        Assert.Equal(199, first.Count(status => status == HttpStatusCode.Unauthorized));
        Assert.All(later, status => Assert.Equal(HttpStatusCode.Unauthorized, status));
        Assert.Single(running.Server.Vms.List());
        // Who has not used his token yet is let in, whether he finds that VM or makes another.
        Assert.NotEqual(HttpStatusCode.Unauthorized, Assert.Single(await SendAsync(running, running.Issuer.Token(), 1)));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_used_token_may_still_look_and_may_not_delete()
    {
        await using var running = await WorkflowServer.StartAsync();
        var token = running.Issuer.Token();
        using var http = running.Server.Connect(token);
        var vm = await CreateAsync(http);

        using var seen = await http.GetAsync($"/v1/vms/{vm.Id}", TestContext.Current.CancellationToken);
        using var replayed = await http.DeleteAsync($"/v1/vms/{vm.Id}", TestContext.Current.CancellationToken);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", running.Issuer.Token());
        using var deleted = await http.DeleteAsync($"/v1/vms/{vm.Id}", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, seen.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, replayed.StatusCode);
        Assert.Contains(deleted.StatusCode, new[] { HttpStatusCode.Accepted, HttpStatusCode.NoContent });
    }

    [Fact(Timeout = 60_000)]
    public async Task The_same_request_with_a_fresh_token_finds_the_same_vm()
    {
        await using var running = await WorkflowServer.StartAsync();
        using var first = running.Server.Connect(running.Issuer.Token());
        using var second = running.Server.Connect(running.Issuer.Token());

        Assert.Equal((await CreateAsync(first)).Id, (await CreateAsync(second)).Id);
        Assert.Single(running.Server.Vms.List());
    }

    private static async Task<IReadOnlyList<HttpStatusCode>> SendAsync(WorkflowServer running, string token, int times)
    {
        using var http = running.Server.Connect(token);
        return await Task.WhenAll(Enumerable.Range(0, times).Select(async number =>
        {
            using var content = JsonContent.Create(new CreateVm { Image = "debian-12", Id = $"vm-{number}" }, WireJson.Default.CreateVm);
            using var response = await http.PostAsync("/v1/vms", content, TestContext.Current.CancellationToken);
            return response.StatusCode;
        }));
    }

    private static async Task<VmView> CreateAsync(HttpClient http)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/vms") { Content = JsonContent.Create(new CreateVm { Image = "debian-12" }, WireJson.Default.CreateVm) };
        request.Headers.Add("Idempotency-Key", "one");
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return (await response.Content.ReadFromJsonAsync(WireJson.Default.VmView, TestContext.Current.CancellationToken))!;
    }
}
