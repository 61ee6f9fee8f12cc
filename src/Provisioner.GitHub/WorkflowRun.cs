namespace Provisioner.GitHub;

/// <summary>One attempt at a workflow run of a repository.</summary>
public readonly record struct WorkflowRun(long Id, int Attempt);
