namespace Provisioner.GitHubSimulator.State;

/// <summary>Something that webhooks tell: `queued`, `in_progress` or `completed`.</summary>
internal sealed record JobEvent(string Action, SimulatedJob Job);
