using Provisioner.Client;
using Provisioner.Tests.Client.Fakes;
using Provisioner.Tests.Server;

namespace Provisioner.Tests.Access;

/// <summary>The whole way, with nothing secret in the workflow: GitHub's issuer, the Action, the server.</summary>
public sealed class WorkflowStepTests
{
    [Fact(Timeout = 60_000)]
    public async Task A_workflow_with_nothing_but_a_permission_makes_and_deletes_its_vm()
    {
        using var policy = TemporaryPolicy.AllOf(TestIssuer.Acme);
        await using var server = await RunningServer.StartAsync(
            options => (options.Oidc.Audience, options.PolicyFile) = (TestIssuer.Audience, policy.Path));
        using var create = Step(server, ("mode", "create"), ("image", "debian-12"));
        using var delete = Step(server, ("mode", "delete"));
        await create.GrantIdTokensAsync(server.GitHub);
        await delete.GrantIdTokensAsync(server.GitHub);

        Assert.True(await create.RunAsync() == ExitCode.Ok, create.Log);
        Assert.True(await delete.RunAsync() == ExitCode.Ok, delete.Log);

        var vm = Assert.Single(server.Vms.List());
        Assert.Equal(vm.Labels[0], StepRun.Value(create.Outputs, "label"));
        Assert.Matches("^vm-[0-9a-f]{32}$", vm.Labels[0]);
        Assert.Single(vm.Labels); // the id is none: it can be worked out by anybody
        Assert.Equal("vm-1", StepRun.Value(create.Outputs, "vm-id"));
        Assert.Equal(("acme/gpu", 7001L, 2), (vm.Repository.ToString(), vm.Run?.Id, vm.Run?.Attempt));
        await server.UntilGoneAsync("vm-1");
        await server.AssertNothingLeftAsync();
    }

    [Fact(Timeout = 60_000)]
    public async Task A_token_for_another_audience_is_refused_with_the_one_that_the_server_wants()
    {
        await using var server = await RunningServer.StartAsync(options => options.Oidc.Audience = TestIssuer.Audience);
        using var step = Step(server, ("mode", "create"), ("image", "debian-12"), ("audience", "https://other.example.org"));
        await step.GrantIdTokensAsync(server.GitHub);

        Assert.Equal(ExitCode.Denied, await step.RunAsync());
        Assert.Contains($"for the audience '{TestIssuer.Audience}'", step.Log, StringComparison.Ordinal);
    }

    private static StepRun Step(RunningServer server, params (string Name, string Value)[] inputs)
    {
        var step = new StepRun([("server", server.Address.ToString()), ("server-fingerprint", server.Fingerprint), ("id", "vm-1"), ("audience", TestIssuer.Audience), .. inputs]);
        step.Environment["GITHUB_REPOSITORY"] = "acme/gpu";
        return step;
    }
}
