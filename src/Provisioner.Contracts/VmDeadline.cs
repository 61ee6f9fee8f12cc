namespace Provisioner.Contracts;

/// <summary>When the server acts by itself next, if nothing happens before.</summary>
/// <param name="At">When.</param>
/// <param name="Then">What it does then, in words.</param>
public sealed record VmDeadline(DateTimeOffset At, string Then);
