namespace Provisioner.Hypervisors;

/// <summary>What a hypervisor says of itself.</summary>
/// <param name="Version">The program's version, such as <c>7.2.22</c>; null when it does not answer.</param>
/// <param name="CanStart">Whether machines can be started here.</param>
/// <param name="Detail">The accelerator in use, or why machines cannot be started and what to do about it.</param>
public sealed record HypervisorHealth(string? Version, bool CanStart, string Detail)
{
    /// <summary>False when the program is there, and whatever it is asked nothing comes back.</summary>
    public bool Answers { get; init; } = true;
}
