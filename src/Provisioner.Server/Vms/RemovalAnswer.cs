using Provisioner.GitHub;

namespace Provisioner.Server.Vms;

/// <summary>What asking GitHub to let a registration go came to.</summary>
/// <param name="Removal">GitHub's answer; null where it gave none, or refused.</param>
/// <param name="Why">Why it is not gone yet, in words.</param>
internal sealed record RemovalAnswer(RunnerRemoval? Removal, string Why = "")
{
    /// <summary>GitHub drops a single-use runner that has not been there for a day; twice that, and it cannot be there.</summary>
    private static readonly TimeSpan ForgottenByGitHub = TimeSpan.FromDays(2);

    /// <summary>How long a machine is kept whose runner is said to work, though nobody wants it any more.</summary>
    private static readonly TimeSpan BusyPatience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Whether nothing is left. Silence and refusals never say so, however long they last. A repository that is hidden or deleted
    /// cannot be looked into; there GitHub's own clearing up is waited for.
    /// </summary>
    public bool IsGone(Vm vm, DateTimeOffset now) => Removal switch
    {
        RunnerRemoval.Removed or RunnerRemoval.AlreadyGone => true,
        RunnerRemoval.Unseen => now - vm.ExpiresAt > ForgottenByGitHub,
        RunnerRemoval.Busy or null => false,
    };

    /// <summary>
    /// Whether the machine has to wait, because its runner works. A runner that got its job just as it was given up for having none, or
    /// whose guest could not be heard, may finish that; one whose job nobody meant for it may not.
    /// </summary>
    /// <param name="vm">The row.</param>
    /// <param name="waited">How long it has waited already.</param>
    /// <param name="now">The present time.</param>
    public bool KeepsMachine(Vm vm, TimeSpan waited, DateTimeOffset now) =>
        Removal == RunnerRemoval.Busy && vm is { Registration: Registration.Held, DoneAt: null } && vm.Failure?.Code != Contracts.ProblemCode.ForeignJob
        && (vm.Failure?.Code is Contracts.ProblemCode.NoJob or Contracts.ProblemCode.GuestSilent ? now < vm.ExpiresAt : waited < BusyPatience);
}
