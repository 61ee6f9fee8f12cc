namespace Provisioner.Contracts;

/// <summary>One change of a VM. Sent as server-sent event <c>vm</c> whose id is the sequence; the stream ends after the phase <c>gone</c>.</summary>
/// <param name="Sequence">Grows with each event of the server; to be given back as <c>Last-Event-ID</c>.</param>
/// <param name="VmId">Which VM.</param>
/// <param name="At">When the change was stored.</param>
/// <param name="Phase">The phase after the change.</param>
/// <param name="Message">One line for a person. Untrusted where it quotes the guest.</param>
/// <param name="Failure">Set from the event on in which the VM failed.</param>
public sealed record VmEvent(long Sequence, string VmId, DateTimeOffset At, VmPhase Phase, string Message, VmFailure? Failure = null);
