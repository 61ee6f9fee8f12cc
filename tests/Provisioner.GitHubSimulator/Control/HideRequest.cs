namespace Provisioner.GitHubSimulator.Control;

/// <summary>For how long a runner is to be missing in lists.</summary>
internal sealed record HideRequest(double? Seconds);
