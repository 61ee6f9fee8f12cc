using Provisioner.Hypervisors;
using Provisioner.Server.Store;

namespace Provisioner.Server.Api;

/// <summary>Whether the server can do its work, as of at most ten seconds ago: anybody may ask, and each look starts a program.</summary>
internal sealed class Readiness(IHypervisor hypervisor, Database database, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private const string Mute = "the hypervisor does not answer";

    private readonly SemaphoreSlim _gate = new(1);
    private (long At, string? Problem)? _last;

    /// <summary>A word on why not; null when it can.</summary>
    public async Task<string?> FindProblemAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_last is not { } last || time.GetElapsedTime(last.At) > Fresh)
            {
                _last = last = (time.GetTimestamp(), await LookAsync(cancellationToken));
            }

            return last.Problem;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private string? FindProblemOfStore()
    {
        try
        {
            database.Check();
            return null;
        }
        catch (StoreException)
        {
            return "the store does not answer";
        }
    }

    private async Task<string?> LookAsync(CancellationToken cancellationToken)
    {
        if (FindProblemOfStore() is { } problem)
        {
            return problem;
        }

        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            return await hypervisor.CheckAsync(either.Token) switch
            {
                { CanStart: true } => null,
                { Answers: false } => Mute,
                _ => "the hypervisor cannot start VMs",
            };
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            return Mute;
        }
        catch (HypervisorException e)
        {
            return e.Fault == HypervisorFault.TimedOut ? Mute : "the hypervisor fails";
        }
    }
}
