namespace Provisioner.GitHubSimulator.State;

/// <summary>One job of one step: a shell script for a runner that has all the labels.</summary>
internal sealed record SimulatedJob
{
    public required long Id { get; init; }

    public required long RunId { get; init; }

    public required string Repository { get; init; }

    public required IReadOnlyList<string> Labels { get; init; }

    public required string Name { get; init; }

    public required string Script { get; init; }

    public Guid PlanId { get; init; } = Guid.NewGuid();

    public Guid JobId { get; init; } = Guid.NewGuid();

    public Guid StepId { get; init; } = Guid.NewGuid();

    public Guid RequestId { get; init; } = Guid.NewGuid();

    public JobState State { get; init; } = JobState.Queued;

    public bool Acknowledged { get; init; }

    public bool CancelRequested { get; init; }

    public bool CancelSent { get; init; }

    public long? RunnerId { get; init; }

    public string? RunnerName { get; init; }

    public string? Conclusion { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? AssignedAt { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public DateTimeOffset LockedUntil { get; init; }
}
