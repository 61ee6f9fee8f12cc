using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Provisioner.Contracts;
using Provisioner.Tests.Server;
using static Provisioner.Tests.Access.PolicyMatrixTests;

namespace Provisioner.Tests.Access;

/// <summary>The same matrix at the server's door: 72 signed tokens, each of which asks for a VM.</summary>
public sealed class PolicyDoorTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Fact(Timeout = 120_000)]
    public async Task Of_72_signed_tokens_those_get_a_vm_that_a_rule_allows_and_the_others_are_told_the_rule()
    {
        await File.WriteAllTextAsync(_file, Rules.Replace("\"maxVms\": 1 ", "\"maxVms\": 100 ").Replace("\"maxVms\": 4 ", "\"maxVms\": 100 "), TestContext.Current.CancellationToken);
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await RunningServer.StartAsync(options =>
        {
            (options.Oidc.Audience, options.Oidc.Issuer, options.PolicyFile) = (TestIssuer.Audience, issuer.Url, _file);
            (options.Limits.Burst, options.Limits.RequestsPerSecond) = (2000, 2000);
        });
        var allowed = new List<string>();

        foreach (var (cell, claims) in Cells())
        {
            using var answer = await AskAsync(server, issuer, cell, claims);
            if (answer.StatusCode == HttpStatusCode.Accepted)
            {
                allowed.Add(cell);
                continue;
            }

            var problem = await answer.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.Forbidden, ProblemCode.Forbidden), (answer.StatusCode, problem!.Code));
            Assert.Contains("The nearest is ", problem.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(Allowed.Select(line => line.Split(':')[0]), allowed);
        Assert.Equal(Allowed.Length, server.Vms.List().Count); // and nothing was written for the others
    }

    public void Dispose() => File.Delete(_file);

    private static async Task<HttpResponseMessage> AskAsync(RunningServer server, TestIssuer issuer, string cell, IEnumerable<(string Claim, string Value)> different)
    {
        var claims = issuer.Claims();
        (claims["repository_id"], claims["repository_owner_id"]) = ("100", "10");
        foreach (var (claim, value) in different)
        {
            claims[claim] = value;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/vms") { Content = JsonContent.Create(new CreateVm { Image = "debian-12" }, WireJson.Default.CreateVm) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", issuer.Sign(TestIssuer.Header(), claims));
        request.Headers.Add("Idempotency-Key", cell.Replace('/', '-').Replace(' ', '-'));
        return await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
