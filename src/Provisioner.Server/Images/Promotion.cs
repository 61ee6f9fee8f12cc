namespace Provisioner.Server.Images;

/// <summary>Which version of an image new VMs are made of: <c>promoted.json</c>, replaced as a whole.</summary>
/// <param name="Current">The version in use.</param>
/// <param name="Previous">The one before, which a rollback returns to.</param>
/// <param name="Since">Since when.</param>
internal sealed record Promotion(string Current, string? Previous, DateTimeOffset Since);
