using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Provisioner.Server.Access;
using Provisioner.Tests.Architecture;

namespace Provisioner.Tests.Access;

/// <summary>Whatever is done to a token, nobody gets in with it, learns anything from the answer, or makes the server call anybody.</summary>
public sealed class ForgedTokenTests
{
    [Fact(Timeout = 120_000)]
    public async Task No_forged_or_altered_token_is_accepted_and_all_get_the_same_answer()
    {
        await using var running = await WorkflowServer.StartAsync();
        var sent = new ConcurrentQueue<string>();
        await using var elsewhere = await ListenAsync(sent);
        var tokens = TokenMutations.Of(running.Issuer).Concat(new TokenForgeries(running.Issuer, new Uri(elsewhere.Urls.Single() + "/")).All()).ToList();
        using var http = running.Server.Connect(token: null);

        var honest = await AskAsync(http, running.Issuer.Token());
        var answers = new List<(string Name, string Answer)>();
        foreach (var (name, token) in tokens)
        {
            answers.Add((name, await AskAsync(http, token)));
        }

        Assert.StartsWith("200 ", honest, StringComparison.Ordinal);
        Assert.True(answers.Count >= 40, $"{answers.Count}");
        Assert.StartsWith("401 ", answers[0].Answer, StringComparison.Ordinal);
        HouseRuleTests.AssertNone(answers.Where(answer => answer.Answer != answers[0].Answer).Select(answer => $"{answer.Name}: {answer.Answer}"));
        Assert.Empty(sent);
        Assert.Equal(["/.well-known/openid-configuration", "/.well-known/jwks"], running.Issuer.Asked);
        Assert.Empty(running.Server.Vms.List());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_token_of_64_kilobytes_is_refused_before_it_is_looked_at()
    {
        await using var running = await WorkflowServer.StartAsync();
        using var http = running.Server.Connect(token: null);

        try
        {
            Assert.StartsWith("431 ", await AskAsync(http, new string('A', 64 * 1024)), StringComparison.Ordinal);
        }
        catch (HttpRequestException)
        {
            // The server hangs up after its answer, and who still sends then may never read it.
        }

        Assert.Empty(running.Issuer.Asked);
        Assert.Equal((null, "it is longer than 16 KiB"), UnverifiedIdToken.Read(new string('A', (16 * 1024) + 1)));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_server_without_an_audience_takes_no_workflows_token()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var server = await Server.RunningServer.StartAsync();
        using var http = server.Connect(token: null);

        Assert.Contains("API token is unknown", await AskAsync(http, issuer.Token()), StringComparison.Ordinal);
        Assert.Empty(issuer.Asked);
    }

    private static async Task<string> AskAsync(HttpClient http, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/vms");
        Assert.True(request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}"));
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return $"{(int)response.StatusCode} {response.Headers.WwwAuthenticate} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
    }

    private static async Task<WebApplication> ListenAsync(ConcurrentQueue<string> sent)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context =>
        {
            sent.Enqueue(context.Request.Path);
            return Task.CompletedTask;
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }
}
