using Provisioner.Server.Access;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Access;

/// <summary>A server that lets workflows of the owner acme in, and the issuer of their tokens.</summary>
internal sealed class WorkflowServer : IAsyncDisposable
{
    private WorkflowServer(TestIssuer issuer, RunningServer server) => (Issuer, Server) = (issuer, server);

    public TestIssuer Issuer { get; }

    public RunningServer Server { get; }

    public static async Task<WorkflowServer> StartAsync()
    {
        var issuer = await TestIssuer.StartAsync();
        var server = await RunningServer.StartAsync(
            options =>
            {
                options.Oidc.Audience = TestIssuer.Audience;
                options.Oidc.Issuer = issuer.Url;
                (options.Limits.Burst, options.Limits.RequestsPerSecond) = (2000, 2000);
            },
            policy: Decide);
        return new WorkflowServer(issuer, server);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Issuer.DisposeAsync();
    }

    // The grant is wider than the token's own repository, to see that it is narrowed.
    private static PolicyDecision Decide(WorkflowIdentity who) => who.Repository.Owner == "acme"
        ? new PolicyDecision(new Grant(["acme/*"]), "all-of-acme", "The rule all-of-acme allows it.")
        : new PolicyDecision(null, "all-of-acme", "Its owner is not acme.");
}
