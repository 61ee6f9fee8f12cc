using System.Net;
using System.Net.Http.Headers;
using Provisioner.Hypervisors;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Access;

/// <summary>A page of another site, opened in a browser whose certificate opens the API, can have it do nothing (threat T27).</summary>
public sealed class ForeignPageTests
{
    private const string Vm = """{"image": "debian-12", "repository": "acme/gpu", "id": "run-1"}""";

    public static TheoryData<string, string> Elsewhere => new()
    {
        { "Sec-Fetch-Site", "cross-site" },
        { "Sec-Fetch-Site", "same-site" },
        { "Origin", "https://evil.example.org" },
        { "Origin", "null" },
    };

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Elsewhere))]
    public async Task Nothing_that_another_sites_page_sends_changes_anything(string header, string value)
    {
        await using var server = await RunningServer.StartAsync();
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(server, HttpMethod.Post, "/v1/vms", Vm, ("Sec-Fetch-Site", "same-origin")));
        var before = server.Vms.Find(VmId.Parse("run-1"))!;

        foreach (var (method, path, body) in new[] { (HttpMethod.Post, "/v1/vms", Vm.Replace("run-1", "run-2", StringComparison.Ordinal)), (HttpMethod.Post, "/v1/vms/run-1/extend", """{"lifetime": "01:00:00"}"""), (HttpMethod.Delete, "/v1/vms/run-1", "") })
        {
            Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(server, method, path, body, (header, value)));
        }

        Assert.Null(server.Vms.Find(VmId.Parse("run-2")));
        Assert.Equal((before.Wanted, before.ExpiresAt), (server.Vms.Find(VmId.Parse("run-1"))!.Wanted, server.Vms.Find(VmId.Parse("run-1"))!.ExpiresAt));
    }

    // Without a type: such a body needs no question of the browser before it is sent.
    private static async Task<HttpStatusCode> SendAsync(RunningServer server, HttpMethod method, string path, string body, (string Name, string Value) header)
    {
        using var request = new HttpRequestMessage(method, path) { Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body)), Headers = { { header.Name, header.Value } } };
        request.Content.Headers.ContentType = header.Value == "same-origin" ? new MediaTypeHeaderValue("application/json") : null;
        using var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
