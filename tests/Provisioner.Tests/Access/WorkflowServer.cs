using Provisioner.Tests.Server;

namespace Provisioner.Tests.Access;

/// <summary>A server that lets workflows of the owner acme in, and the issuer of their tokens.</summary>
internal sealed class WorkflowServer : IAsyncDisposable
{
    private readonly TemporaryPolicy _policy;

    private WorkflowServer(TestIssuer issuer, RunningServer server, TemporaryPolicy policy) => (Issuer, Server, _policy) = (issuer, server, policy);

    public TestIssuer Issuer { get; }

    public RunningServer Server { get; }

    public static async Task<WorkflowServer> StartAsync()
    {
        var issuer = await TestIssuer.StartAsync();
        var policy = TemporaryPolicy.AllOf(TestIssuer.Acme);
        var server = await RunningServer.StartAsync(options =>
        {
            (options.Oidc.Audience, options.Oidc.Issuer, options.PolicyFile) = (TestIssuer.Audience, issuer.Url, policy.Path);
            (options.Limits.Burst, options.Limits.RequestsPerSecond) = (2000, 2000);
        });
        return new WorkflowServer(issuer, server, policy);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Issuer.DisposeAsync();
        _policy.Dispose();
    }
}
