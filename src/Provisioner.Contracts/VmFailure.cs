namespace Provisioner.Contracts;

/// <summary>Why a VM failed.</summary>
/// <param name="Code">One of <see cref="ProblemCode"/>.</param>
/// <param name="Cause">One sentence: what went wrong.</param>
/// <param name="Remedy">One sentence: what to do about it.</param>
/// <param name="Console">The last lines of the guest's console, where there are any. Untrusted text.</param>
public sealed record VmFailure(string Code, string Cause, string Remedy, string? Console = null);
