namespace Provisioner.Contracts;

/// <summary>How it stands with the VMs of an image that are booted before anybody asks for them, and wait running or saved.</summary>
/// <param name="Wanted">How many the server keeps.</param>
/// <param name="Ready">How many wait now.</param>
/// <param name="Problem">Why there are fewer; null when there are not, or when they are about to be.</param>
public sealed record WarmView(int Wanted, int Ready, string? Problem);
