namespace Provisioner.Contracts;

/// <summary>An image that can be asked for.</summary>
/// <param name="Alias">The name to ask by.</param>
/// <param name="Cpus">Virtual CPUs of a VM that does not ask for its own number; null when the base's own number is used.</param>
/// <param name="Memory">The same for memory, in MiB.</param>
/// <param name="Usable">Whether a VM can be cloned from it now.</param>
/// <param name="Problem">Why it cannot be used now; null when it can.</param>
public sealed record ImageView(string Alias, int? Cpus, int? Memory, bool Usable, string? Problem);
