using Provisioner.Contracts;

namespace Provisioner.Server.Vms;

/// <summary>What a failed action means for its VM.</summary>
/// <param name="Failure">What the caller is told.</param>
/// <param name="MayRetry">True where the same action may succeed later; the VM's deadlines bound how long that is tried.</param>
/// <param name="RetryAfter">How long the other side asked us to wait.</param>
internal sealed record Outcome(VmFailure Failure, bool MayRetry = false, TimeSpan? RetryAfter = null);
