namespace Provisioner.GitHubSimulator.State;

/// <summary>An attempt at a workflow run, in GitHub's words for status and conclusion.</summary>
internal sealed record SimulatedRun(long Id, int Attempt, string Status, string? Conclusion);
