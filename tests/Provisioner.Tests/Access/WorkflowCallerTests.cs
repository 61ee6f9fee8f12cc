using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Provisioner.Contracts;

namespace Provisioner.Tests.Access;

/// <summary>What a workflow that was let in may do: make runners for its own repository, and see no others.</summary>
public sealed class WorkflowCallerTests
{
    [Fact(Timeout = 60_000)]
    public async Task The_runner_is_of_the_repository_and_the_run_that_the_token_names()
    {
        await using var running = await WorkflowServer.StartAsync();

        using var response = await CreateAsync(running, running.Issuer.Token(), new CreateVm { Image = "debian-12", Id = "a", Repository = "ACME/GPU", Run = new() { Id = 1, Attempt = 1 } });

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        var vm = Assert.Single(running.Server.Vms.List());
        Assert.Equal(("acme/gpu", 7001L, 2), (vm.Repository.ToString(), vm.Run?.Id, vm.Run?.Attempt));
        Assert.Equal("workflow:acme/gpu (run 7001, attempt 2)", vm.Caller);
        await running.Server.FollowAsync("a", change => change.Phase >= VmPhase.Online);
        Assert.Contains("POST /api/v3/repos/acme/gpu/actions/runners/generate-jitconfig", running.Server.GitHub.Seen.Calls());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_repository_in_the_body_that_is_not_its_own_is_refused_though_the_policy_grants_more()
    {
        await using var running = await WorkflowServer.StartAsync();

        using var response = await CreateAsync(running, running.Issuer.Token(), new CreateVm { Image = "debian-12", Repository = "acme/other" });

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("write acme/gpu", (await ProblemAsync(response)).Remedy, StringComparison.Ordinal);
        Assert.Empty(running.Server.Vms.List());
    }

    [Fact(Timeout = 60_000)]
    public async Task The_stream_of_all_vms_ends_with_the_workflows_token()
    {
        await using var running = await WorkflowServer.StartAsync();
        var claims = running.Issuer.Claims();
        claims["exp"] = TimeProvider.System.GetUtcNow().AddSeconds(2).ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/events") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", running.Issuer.Sign(TestIssuer.Header(), claims)) } };

        using var response = await running.Server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        Assert.Equal(["no"], response.Headers.GetValues("X-Accel-Buffering"));
        Assert.StartsWith(": hello", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal); // to its end
    }

    [Fact(Timeout = 60_000)]
    public async Task Another_run_of_the_repository_gets_neither_the_vm_nor_the_label_that_leads_to_it()
    {
        await using var running = await WorkflowServer.StartAsync();
        using var created = await CreateAsync(running, running.Issuer.Token(), new CreateVm { Image = "debian-12", Id = "a", Labels = ["gpu"] });
        var label = (await created.Content.ReadFromJsonAsync(WireJson.Default.VmView, TestContext.Current.CancellationToken))!.Labels[0];
        Assert.Matches("^vm-[0-9a-f]{32}$", label);

        using var again = await CreateAsync(running, running.Issuer.TokenOfRun("7002"), new CreateVm { Image = "debian-12", Id = "a" });
        Assert.Equal((HttpStatusCode.Conflict, ProblemCode.IdInUse), (again.StatusCode, (await ProblemAsync(again)).Code));
        Assert.Equal(7001, Assert.Single(running.Server.Vms.List()).Run?.Id);

        foreach (var (run, path) in new[] { ("7002", "/v1/vms"), ("7002", "/v1/vms/a"), ("7001", "/v1/vms/a") })
        {
            using var http = running.Server.Connect(running.Issuer.TokenOfRun(run));
            var seen = await http.GetStringAsync(path, TestContext.Current.CancellationToken);
            Assert.Contains("\"gpu\"", seen, StringComparison.Ordinal);
            Assert.Equal(run == "7001", seen.Contains(label, StringComparison.Ordinal));
        }

        var byToken = await running.Server.Http.GetStringAsync("/v1/vms/a", TestContext.Current.CancellationToken);
        Assert.DoesNotContain(label, byToken, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_vm_of_another_repository_looks_as_if_it_did_not_exist()
    {
        await using var running = await WorkflowServer.StartAsync();
        using var created = await CreateAsync(running, running.Issuer.TokenOf("acme/other"), new CreateVm { Image = "debian-12", Id = "theirs" });
        Assert.Equal(HttpStatusCode.Accepted, created.StatusCode);

        foreach (var id in new[] { "theirs", "nobodys" })
        {
            Assert.Equal(HttpStatusCode.NotFound, await SendAsync(running, HttpMethod.Get, $"/v1/vms/{id}"));
            Assert.Equal(HttpStatusCode.NotFound, await SendAsync(running, HttpMethod.Get, $"/v1/vms/{id}/events"));
            Assert.Equal(HttpStatusCode.NotFound, await SendAsync(running, HttpMethod.Post, $"/v1/vms/{id}/extend"));
            Assert.Equal(HttpStatusCode.NoContent, await SendAsync(running, HttpMethod.Delete, $"/v1/vms/{id}"));
        }

        Assert.NotNull(running.Server.Vms.List().Single(vm => vm.Id.Value == "theirs"));
        Assert.DoesNotContain(running.Server.Vms.Events(Hypervisors.VmId.Parse("theirs"), 0), change => change.Message.Contains("asked for its removal", StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_workflow_that_no_rule_allows_is_told_the_reason_and_its_token_is_not_used_up()
    {
        await using var running = await WorkflowServer.StartAsync();
        var token = running.Issuer.TokenOf("strangers/x");

        using var first = await CreateAsync(running, token, new CreateVm { Image = "debian-12" });
        using var second = await CreateAsync(running, token, new CreateVm { Image = "debian-12" });

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Forbidden), (first.StatusCode, second.StatusCode));
        Assert.Contains("No rule names this repository or its owner", (await ProblemAsync(first)).Detail, StringComparison.Ordinal);
        Assert.Empty(running.Server.Vms.List());
    }

    [Fact(Timeout = 60_000)]
    public async Task While_the_issuer_cannot_be_asked_a_workflow_is_told_to_come_again_and_its_token_is_not_used_up()
    {
        await using var running = await WorkflowServer.StartAsync();
        running.Issuer.Instead["/.well-known/jwks"] = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };

        using var response = await CreateAsync(running, running.Issuer.Token(), new CreateVm { Image = "debian-12" });
        using var byToken = await running.Server.CreateAsync("""{"image": "debian-12", "id": "by-token"}""");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.Accepted), (response.StatusCode, byToken.StatusCode));
        Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        Assert.Equal(ProblemCode.IssuerUnavailable, (await ProblemAsync(response)).Code);
        Assert.Null(response.Headers.WwwAuthenticate.FirstOrDefault());
    }

    [Fact(Timeout = 60_000)]
    public async Task Api_tokens_open_as_before()
    {
        await using var running = await WorkflowServer.StartAsync();

        Assert.Equal("by-token", (await running.Server.CreateVmAsync("by-token")).Id);
        Assert.Empty(running.Issuer.Asked);
    }

    private static async Task<HttpResponseMessage> CreateAsync(WorkflowServer running, string token, CreateVm vm)
    {
        using var http = running.Server.Connect(token);
        using var content = JsonContent.Create(vm, WireJson.Default.CreateVm);
        return await http.PostAsync("/v1/vms", content, TestContext.Current.CancellationToken);
    }

    private static async Task<HttpStatusCode> SendAsync(WorkflowServer running, HttpMethod method, string path)
    {
        using var http = running.Server.Connect(running.Issuer.Token());
        using var request = new HttpRequestMessage(method, path);
        if (method == HttpMethod.Post)
        {
            request.Content = new StringContent("""{"lifetime":"01:00:00"}""", mediaType: new MediaTypeHeaderValue("application/json"));
        }

        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    private static async Task<ProblemView> ProblemAsync(HttpResponseMessage response) =>
        (await response.Content.ReadFromJsonAsync(WireJson.Default.ProblemView, TestContext.Current.CancellationToken))!;
}
