using System.Net;
using System.Net.Http.Json;
using Provisioner.Contracts;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Limits;

/// <summary>The limit of requests per caller, as callers meet it.</summary>
public sealed class CallerLimitTests
{
    [Fact(Timeout = 60_000)]
    public async Task A_caller_that_asks_too_often_is_told_when_to_come_again_and_others_are_served()
    {
        await using var server = await RunningServer.StartAsync(options => (options.Limits.CallerBurst, options.Limits.CallerRequestsPerSecond) = (3, 1));
        var answers = new List<HttpResponseMessage>();
        for (var request = 0; request < 20; request++)
        {
            answers.Add(await server.Http.GetAsync("/v1/vms", TestContext.Current.CancellationToken));
        }

        var refused = answers.Where(answer => answer.StatusCode != HttpStatusCode.OK).ToList();
        Assert.Equal(HttpStatusCode.OK, answers[0].StatusCode);
        Assert.NotEmpty(refused);
        Assert.All(refused, answer => Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(1)), (answer.StatusCode, answer.Headers.RetryAfter?.Delta)));
        var problem = await refused[0].Content.ReadFromJsonAsync(WireJson.Default.ProblemView, TestContext.Current.CancellationToken);
        Assert.Equal(ProblemCode.TooManyRequests, problem!.Code);

        server.Cover("acme/gpu"); // another token
        using var other = await server.Http.GetAsync("/v1/vms", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }
}
