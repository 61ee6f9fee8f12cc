namespace Provisioner.Hypervisors;

/// <summary>Where a machine's one network adapter leads.</summary>
/// <param name="Kind">How it is attached.</param>
/// <param name="Interface">The host's interface; null for <see cref="VmNetworkKind.Nat"/>.</param>
public sealed record VmNetwork(VmNetworkKind Kind, string? Interface = null);
