namespace Provisioner.GitHubSimulator.State;

/// <summary>The board as it is kept in a file.</summary>
internal sealed record BoardImage(long LastId, IReadOnlyList<SimulatedRunner> Runners, IReadOnlyList<SimulatedJob> Jobs);
