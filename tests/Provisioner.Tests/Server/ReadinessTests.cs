using System.Net;
using Provisioner.Hypervisors;
using Provisioner.Hypervisors.Simulated;

namespace Provisioner.Tests.Server;

public sealed class ReadinessTests
{
    [Theory(Timeout = 60_000)]
    [InlineData(HypervisorFault.TimedOut, "not ready: the hypervisor does not answer\n")]
    [InlineData(HypervisorFault.Failed, "not ready: the hypervisor fails\n")]
    public async Task A_server_whose_hypervisor_is_of_no_use_says_which_way(HypervisorFault fault, string said)
    {
        await using var server = await RunningServer.StartAsync(options =>
            options.Simulated.Faults = [new SimulatedFault { Step = SimulatedStep.Check, Fault = fault }]);

        using var response = await server.Http.GetAsync("/readyz", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(said, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
