using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using static Provisioner.Tests.GitHub.SimulatedGitHub;

namespace Provisioner.Tests.GitHub;

public sealed class SimulatorTests
{
    [Theory(Timeout = 20_000)]
    [InlineData("""{"name":"a","labels":["a"]}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"name":"a","runner_group_id":1,"labels":[]}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"runner_group_id":1,"labels":["a"]}""", HttpStatusCode.UnprocessableEntity)]
    [InlineData("""{"name":"a","runner_group_id":2,"labels":["a"]}""", HttpStatusCode.Forbidden)]
    [InlineData("""{"name":"a","runner_group_id":3,"labels":["a"]}""", HttpStatusCode.NotFound)]
    [InlineData("""{"name":"TAKEN","runner_group_id":1,"labels":["a"]}""", HttpStatusCode.Conflict)]
    [InlineData("{", HttpStatusCode.BadRequest)]
    public async Task Registrations_are_validated_as_GitHub_does(string body, HttpStatusCode expected)
    {
        await using var github = await StartAsync();
        github.Existing("taken");
        using var http = Client(github);

        using var answer = await http.PostAsync(
            new Uri($"api/v3/repos/{Repository}/actions/runners/generate-jitconfig", UriKind.Relative), new StringContent(body), Cancelled);

        Assert.Equal(expected, answer.StatusCode);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_call_without_user_agent_is_refused()
    {
        await using var github = await StartAsync();
        using var http = Client(github);
        http.DefaultRequestHeaders.UserAgent.Clear();

        using var answer = await http.GetAsync(new Uri($"api/v3/repos/{Repository}/actions/runners", UriKind.Relative), Cancelled);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact(Timeout = 20_000)]
    public async Task An_identity_token_is_verified_with_the_published_keys()
    {
        await using var github = await StartAsync();
        using var http = Client(github);
        var grant = await ReadAsync(await http.PostAsJsonAsync("_simulator/oidc", new { repository = "octo-org/octo-repo", run_id = "42" }, Cancelled));
        http.DefaultRequestHeaders.Authorization = new("bearer", (string?)grant["ACTIONS_ID_TOKEN_REQUEST_TOKEN"]);

        var token = await ReadAsync(await http.GetAsync(new Uri($"{grant["ACTIONS_ID_TOKEN_REQUEST_URL"]}&audience=our-server"), Cancelled));

        var result = await new JsonWebTokenHandler().ValidateTokenAsync((string?)token["value"], new TokenValidationParameters
        {
            ValidIssuer = github.Endpoints.OidcIssuer,
            ValidAudience = "our-server",
            ValidAlgorithms = ["RS256"],
            IssuerSigningKeys = new JsonWebKeySet(await http.GetStringAsync(await KeysOfAsync(http), Cancelled)).GetSigningKeys(),
        });
        Assert.True(result.IsValid, result.Exception?.ToString());
        Assert.Equal("42", result.Claims["run_id"]);
        Assert.Equal("repo:octo-org/octo-repo:ref:refs/heads/main", result.Claims["sub"]);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_queued_job_is_told_to_the_webhook_with_a_signature()
    {
        await using var receiver = await WebhookReceiver.StartAsync();
        await using var github = await StartAsync(options: new() { WebhookUrl = receiver.Url, WebhookSecret = "s3cret" });

        var job = github.Board.Queue(Repository.ToString(), ["vm-1"], "greet", "true");

        var (headers, body) = await receiver.Received.ReadAsync(Cancelled);
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes("s3cret"), body));
        Assert.Equal("workflow_job", headers["X-GitHub-Event"]);
        Assert.Equal($"sha256={signature}", headers["X-Hub-Signature-256"]);
        var payload = JsonNode.Parse(body)!;
        Assert.Equal("queued", (string?)payload["action"]);
        Assert.Equal(job.Id, (long?)payload["workflow_job"]!["id"]);
        Assert.Equal("octo-org/octo-repo", (string?)payload["repository"]!["full_name"]);
    }

    private static HttpClient Client(SimulatedGitHub github)
    {
        var http = new HttpClient { BaseAddress = github.Url };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        http.DefaultRequestHeaders.UserAgent.ParseAdd("tests");
        return http;
    }

    private static async Task<Uri> KeysOfAsync(HttpClient http)
    {
        var discovery = await ReadAsync(await http.GetAsync(new Uri("_services/token/.well-known/openid-configuration", UriKind.Relative), Cancelled));
        return new Uri((string)discovery["jwks_uri"]!);
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancelled))!;
        }
    }
}
