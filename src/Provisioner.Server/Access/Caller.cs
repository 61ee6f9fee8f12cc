namespace Provisioner.Server.Access;

/// <summary>Who sent a request, and what it may do.</summary>
internal sealed record Caller(string Name, Grant Grant)
{
    /// <summary>The workflow that calls; null for the holder of an API token.</summary>
    public WorkflowIdentity? Workflow { get; init; }
}
