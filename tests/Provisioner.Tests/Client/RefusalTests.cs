using Provisioner.Client;
using Provisioner.Client.Api;
using Provisioner.Tests.Client.Fakes;

namespace Provisioner.Tests.Client;

public sealed class RefusalTests : IAsyncLifetime
{
    private readonly TestCertificate _authority = new();
    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ScriptedServer.StartAsync(_authority.Sign());

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _authority.Dispose();
    }

    [Theory(Timeout = 20_000)]
    [InlineData(400, "invalid-request", 2)]
    [InlineData(401, "unauthenticated", 4)]
    [InlineData(403, "forbidden", 4)]
    [InlineData(404, "unknown-image", 3)]
    [InlineData(409, "id-in-use", 1)]
    [InlineData(503, "disk-full", 6)]
    [InlineData(503, "snapshot-missing", 8)]
    [InlineData(503, "hypervisor-missing", 8)]
    [InlineData(503, "github-credential-missing", 1)]
    [InlineData(500, "server-fault", 1)]
    public async Task A_refusal_is_told_with_the_servers_cause_and_remedy(int status, string code, int exit)
    {
        _server.On("POST /v1/vms", Answers.Problem(status, code, "This is the cause.", "This is the remedy."));
        using var step = new StepRun(_server, _authority.AuthorityPem);

        Assert.Equal((ExitCode)exit, await step.RunAsync());
        Assert.Contains($"::error title=Refused ({code})::This is the cause. This is the remedy.\n", step.Log, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Theory(Timeout = 20_000)]
    [InlineData(429, "too-many-requests")]
    [InlineData(503, "store-unavailable")]
    public async Task What_will_pass_is_tried_again_when_the_server_says(int status, string code)
    {
        var time = new ObservedTime();
        _server.On(
            "DELETE /v1/vms/vbx-1",
            context =>
            {
                context.Response.Headers.RetryAfter = "7";
                return Answers.Problem(status, code, "It will pass.")(context);
            },
            Answers.Status(204));
        using var step = new StepRun(_server, _authority.AuthorityPem, ("mode", "delete")) { Time = time };

        var running = step.RunAsync();
        await time.PassAsync(TimeSpan.FromSeconds(7));

        Assert.Equal(ExitCode.Ok, await running);
    }

    [Fact(Timeout = 20_000)]
    public async Task Something_else_behind_the_address_is_told_as_such()
    {
        _server.On("POST /v1/vms", Answers.Status(202, "<html>"));
        using var step = new StepRun(_server, _authority.AuthorityPem);

        Assert.Equal(ExitCode.Failure, await step.RunAsync());
        Assert.Contains("answered something that is not of this API", step.Log, StringComparison.Ordinal);
    }

    [Theory(Timeout = 20_000)]
    [InlineData("https://localhost:1", "the connection was refused")]
    [InlineData("https://nosuch.invalid:8080", "not known to the DNS")]
    public async Task A_server_that_is_not_there_is_told_with_the_cause(string address, string told)
    {
        Assert.True(ServerAddress.TryParse(address, out var uri));
        using var api = new VmApi(new ServerConnection(uri, ServerTrust.System, "vbdp_a_b"), TimeProvider.System);

        var error = await Assert.ThrowsAsync<ClientException>(() => api.ListAsync(TestContext.Current.CancellationToken));

        Assert.Equal(ExitCode.Unreachable, error.ExitCode);
        Assert.Contains(told, error.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 20_000)]
    public async Task A_server_that_accepts_and_never_answers_is_not_waited_for_for_ever()
    {
        var time = new ObservedTime();
        _server.On("GET /v1/vms", Answers.Never());
        Assert.True(ServerTrust.TryReadCertificates(_authority.AuthorityPem, out var anchors));
        using var api = new VmApi(new ServerConnection(_server.Address, new ServerTrust(anchors, null), "vbdp_a_b"), time);

        var listing = api.ListAsync(TestContext.Current.CancellationToken);
        await _server.SeenAsync("GET /v1/vms");
        await time.PassAsync(TimeSpan.FromSeconds(30));

        var error = await Assert.ThrowsAsync<ClientException>(() => listing);
        Assert.Contains("no answer within 30 s", error.Message, StringComparison.Ordinal);
    }
}
