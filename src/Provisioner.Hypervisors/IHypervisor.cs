namespace Provisioner.Hypervisors;

/// <summary>
/// A hypervisor of this host, seen as the place where virtual machines of ours exist or do not. Every verb means "make sure
/// that": repeated, it does nothing. Virtual machines that do not carry our mark are never listed and never touched.
/// All verbs throw <see cref="HypervisorException"/>, and only that, when the hypervisor cannot do what is asked.
/// </summary>
public interface IHypervisor : IAsyncDisposable
{
    /// <summary>The driver's name as it stands in the configuration: <c>virtualbox</c>, <c>qemu</c> or <c>simulated</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Whether what a guest reported last is heard also when it powers off right after it. Where it is not, a machine that was at work
    /// and is off has to be taken for one whose job has ended.
    /// </summary>
    bool KeepsLastWords { get; }

    /// <summary>Whether guests have a console whose last lines can be read.</summary>
    bool KeepsConsole { get; }

    /// <summary>Asks the hypervisor for its version and whether it can start machines here, and why not.</summary>
    Task<HypervisorHealth> CheckAsync(CancellationToken cancellationToken);

    /// <summary>Looks whether clones can be made of <paramref name="image"/> now. Never throws for an unusable image.</summary>
    Task<ImageHealth> InspectAsync(BaseImage image, CancellationToken cancellationToken);

    /// <summary>Lists the machines that carry our mark, in any state.</summary>
    Task<IReadOnlyList<SeenVm>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Makes sure that a linked clone with this specification exists. What fails half way is removed again.</summary>
    Task EnsureClonedAsync(VmSpecification specification, CancellationToken cancellationToken);

    /// <summary>Makes sure that the machine runs. A machine that could not be started is left as it was, switched off.</summary>
    Task EnsureStartedAsync(VmId id, CancellationToken cancellationToken);

    /// <summary>
    /// Makes sure that the machine is off, with its state kept: started again, its guest goes on where it was, and reports anew. A machine that
    /// is off already is left as it is. Call it for a guest that has reported <see cref="GuestPhase.Ready"/> and knows no secret. A state that
    /// the hypervisor cannot go on from, as after its update, costs a boot and no failure.
    /// </summary>
    Task EnsureSavedAsync(VmId id, CancellationToken cancellationToken);

    /// <summary>
    /// Makes sure that the running guest can read for whom it works, where that was not known when it was cloned. Call it before
    /// <see cref="ConfigureAsync"/>: what a guest reads before it has its configuration may be out of date.
    /// </summary>
    Task EnsureLabelledAsync(VmId id, GuestLabels labels, CancellationToken cancellationToken);

    /// <summary>
    /// Hands the guest its secret configuration. Call it when the guest has reported <see cref="GuestPhase.Ready"/>; the
    /// driver withdraws the secret when the guest reports anything later.
    /// </summary>
    Task ConfigureAsync(VmId id, GuestConfiguration configuration, CancellationToken cancellationToken);

    /// <summary>Asks the guest to power off, and switches the machine off when <paramref name="grace"/> has passed (at once when it is zero).</summary>
    Task EnsureStoppedAsync(VmId id, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>Makes sure that neither the machine nor its disks exist, switching it off first. Success if there is none.</summary>
    Task EnsureGoneAsync(VmId id, CancellationToken cancellationToken);

    /// <summary>
    /// What guests report and when machines change their power state, for all machines of ours, until cancelled. Starts with
    /// the last known report of each machine, so that a restarted server misses nothing. Each caller has a stream of its own.
    /// </summary>
    IAsyncEnumerable<VmObservation> WatchAsync(CancellationToken cancellationToken);

    /// <summary>The last lines that the guest wrote to its console (at most 64 KiB), or an empty string. Untrusted text.</summary>
    Task<string> ReadConsoleAsync(VmId id, CancellationToken cancellationToken);
}
