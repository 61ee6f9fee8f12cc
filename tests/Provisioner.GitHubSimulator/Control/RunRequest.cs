namespace Provisioner.GitHubSimulator.Control;

/// <summary>Makes a workflow run, or says how far it has come.</summary>
internal sealed record RunRequest(string? Repository, long Id, int? Attempt, string? Status, string? Conclusion);
