using Provisioner.Hypervisors;

namespace Provisioner.Server.Vms;

/// <summary>
/// The hypervisor's list of machines, asked for without waiting for ever. While it is on its way, passes go on without it; when
/// it does not come, it is given up and asked for anew.
/// </summary>
internal sealed class Listing(IHypervisor hypervisor, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private Pending? _pending;

    /// <summary>The machines, and the VMs that were busy when they were listed: of those the list tells nothing. Null while it is on its way.</summary>
    /// <exception cref="HypervisorException">The hypervisor cannot be asked, or does not answer.</exception>
    public async Task<(IReadOnlyList<SeenVm> Machines, HashSet<VmId> Busy)?> TakeAsync(
        IEnumerable<VmId> busy, TimeSpan atMost, CancellationToken cancellationToken)
    {
        var pending = _pending ??= Begin([.. busy], cancellationToken);
        try
        {
            var machines = await pending.Machines.WaitAsync(atMost, time, cancellationToken);
            return (machines, pending.Busy);
        }
        catch (TimeoutException)
        {
            if (pending.Machines.IsCompletedSuccessfully)
            {
                return (await pending.Machines, pending.Busy); // just now
            }

            if (time.GetElapsedTime(pending.Since) < Patience)
            {
                return null;
            }

            End();
            throw new HypervisorException(
                HypervisorFault.TimedOut, $"The hypervisor did not list its machines within {Patience:c}; it is asked again.");
        }
        finally
        {
            if (pending.Machines.IsCompleted)
            {
                End();
            }
        }
    }

    public void Dispose() => End();

    private Pending Begin(HashSet<VmId> busy, CancellationToken cancellationToken)
    {
        var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Elsewhere: a driver that blocks before its first await must not block the passes.
        var machines = Task.Run(() => hypervisor.ListAsync(ends.Token), CancellationToken.None);
        return new Pending(machines, busy, time.GetTimestamp(), ends);
    }

    private void End()
    {
        _pending?.Ends.Cancel();
        _pending?.Ends.Dispose();
        _pending = null;
    }

    private sealed record Pending(Task<IReadOnlyList<SeenVm>> Machines, HashSet<VmId> Busy, long Since, CancellationTokenSource Ends);
}
