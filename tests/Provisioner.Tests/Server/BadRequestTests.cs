using System.Net;
using System.Net.Http.Json;
using Provisioner.Contracts;

namespace Provisioner.Tests.Server;

/// <summary>The bad input table of the API: each row has its status and code, and leaves nothing behind.</summary>
public sealed class BadRequestTests
{
    public static TheoryData<string, int, string> Bodies { get; } = new()
    {
        { "", 400, ProblemCode.InvalidRequest },
        { "nonsense", 400, ProblemCode.InvalidRequest },
        { "null", 400, ProblemCode.InvalidRequest },
        { """{"image": null}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "labels": null}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "labels": [null]}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "imagee": 1}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "windows-95"}""", 404, ProblemCode.UnknownImage },
        { """{"image": "debian-12", "repository": "other/repo"}""", 403, ProblemCode.Forbidden },
        { """{"image": "debian-12", "repository": "no-slash"}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "labels": ["a b"]}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "cpus": 0}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "memory": 99999999}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "disk": 0}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "disk": -1}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "disk": "64G"}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "disk": 1.5}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "disk": 99999999}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "disk": 99999999999}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "lifetime": "99.00:00:00"}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "id": "a/b"}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "id": ".."}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "id": "-dash"}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "id": "--help"}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "id": "two words"}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "id": "日本"}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "id": "a\u0000b"}""", 400, ProblemCode.InvalidRequest },
        { """{"image": "debian-12", "id": "a\nb"}""", 400, ProblemCode.InvalidRequest },
        { $$"""{"image": "debian-12", "id": "{{new string('a', 300)}}"}""", 400, ProblemCode.InvalidRequest },
        { $$"""{"image": "{{new string('a', 65 * 1024)}}"}""", 413, ProblemCode.TooLarge },
    };

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Bodies))]
    public async Task A_bad_body_is_refused_with_its_code_and_leaves_nothing(string body, int status, string code)
    {
        await using var server = await RunningServer.StartAsync();
        server.Http.DefaultRequestHeaders.ExpectContinue = true; // the server hangs up on a body that is too large

        using var response = await server.CreateAsync(body);

        Assert.Equal(status, (int)response.StatusCode);
        await AssertProblemAsync(response, code);
        Assert.Equal("[]", await server.Http.GetStringAsync("/v1/vms", TestContext.Current.CancellationToken));
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task Everything_that_is_wrong_with_a_request_is_said_at_once()
    {
        await using var server = await RunningServer.StartAsync();

        using var response = await server.CreateAsync("""{"id": "A", "labels": [""], "cpus": -1}""");

        var problem = await AssertProblemAsync(response, ProblemCode.InvalidRequest);
        Assert.Equal(["cpus", "id", "image", "labels"], problem.Errors!.Keys.Order());
    }

    [Theory(Timeout = 60_000)]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer vbdp_000000000000_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("Basic dXNlcjpwYXNz")]
    public async Task Without_a_good_token_every_call_but_health_is_refused(string? authorization)
    {
        await using var server = await RunningServer.StartAsync();
        server.Http.DefaultRequestHeaders.Clear();
        if (authorization is not null)
        {
            server.Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        }

        foreach (var path in new[] { "/v1/vms", "/v1/vms/x", "/v1/vms/x/events", "/v1/images" })
        {
            using var response = await server.Http.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            await AssertProblemAsync(response, ProblemCode.Unauthenticated);
        }

        using var health = await server.Http.GetAsync("/healthz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("GET", "/nothing", 404, ProblemCode.NotFound)]
    [InlineData("GET", "/v1/vms/none", 404, ProblemCode.NotFound)]
    [InlineData("PUT", "/v1/vms", 405, ProblemCode.MethodNotAllowed)]
    [InlineData("DELETE", "/v1/vms/Not%20an%20id", 400, ProblemCode.InvalidRequest)]
    [InlineData("GET", "/create/x/o/r/i", 404, ProblemCode.NotFound)]
    public async Task An_address_that_is_not_there_is_a_problem_too(string method, string path, int status, string code)
    {
        await using var server = await RunningServer.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)response.StatusCode);
        await AssertProblemAsync(response, code);
    }

    private static async Task<ProblemView> AssertProblemAsync(HttpResponseMessage response, string code)
    {
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = await response.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, TestContext.Current.CancellationToken);
        Assert.Equal((code, (int)response.StatusCode), (problem!.Code, problem.Status));
        Assert.False(string.IsNullOrWhiteSpace(problem.Detail) || string.IsNullOrWhiteSpace(problem.Remedy));
        return problem;
    }
}
