using Provisioner.GitHubSimulator.Faults;
using Provisioner.Hypervisors.Simulated;
using Provisioner.Server.Configuration;

namespace Provisioner.Tests.CancelledSteps;

/// <summary>A moment in the life of a step at which it is interrupted, and how to get there.</summary>
internal sealed record CancelPoint(string Name)
{
    /// <summary>create, delete or post.</summary>
    public string Mode { get; init; } = "create";

    public bool ServerIsAway { get; init; }

    /// <summary>Another VM has the only place of the host.</summary>
    public bool HostIsFull { get; init; }

    /// <summary>What the server is to be like.</summary>
    public Action<ServerOptions> Server { get; init; } = _ => { };

    /// <summary>At which step the guest hangs.</summary>
    public SimulatedStep? Hangs { get; init; }

    public Fault? GitHub { get; init; }

    public Func<WireRecord, WireDeed> Wire { get; init; } = _ => WireDeed.Pass;

    /// <summary>Files of the runner that are pipes, so that the step waits until a test reads.</summary>
    public IReadOnlyList<string> Pipes { get; init; } = [];

    /// <summary>Completes at the moment itself.</summary>
    public required Func<CancelRun, Task> ReachAsync { get; init; }

    /// <summary>The step, interrupted here by SIGINT or SIGTERM, can still reach the server: nothing is left to the server's deadlines.</summary>
    public bool DeletesItself { get; init; } = true;
}
