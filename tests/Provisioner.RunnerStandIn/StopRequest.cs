using System.Runtime.InteropServices;

namespace Provisioner.RunnerStandIn;

/// <summary>SIGINT and SIGTERM, which end the listener in order, but with different exit codes.</summary>
internal sealed class StopRequest : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;

    public StopRequest() => registrations =
        [PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop)];

    public CancellationToken Token => source.Token;

    public int ExitCode { get; private set; } = RunnerStandIn.ExitCode.Success;

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }
        source.Dispose();
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true; // the runtime would end the program at once
        ExitCode = context.Signal == PosixSignal.SIGTERM ? RunnerStandIn.ExitCode.SigTerm : RunnerStandIn.ExitCode.Success;
        source.Cancel();
    }
}
