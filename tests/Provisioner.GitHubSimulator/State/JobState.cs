namespace Provisioner.GitHubSimulator.State;

/// <summary>Assigned is ours alone: offered to a runner, but not yet taken. GitHub shows it as queued.</summary>
internal enum JobState
{
    Queued,
    Assigned,
    InProgress,
    Completed,
}
