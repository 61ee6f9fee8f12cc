using System.Security.Cryptography.X509Certificates;

namespace Provisioner.Server.Access;

/// <summary>Who sent a request, and what it may do.</summary>
internal sealed record Caller(string Name, Grant Grant)
{
    /// <summary>The API token that the caller holds; null for others.</summary>
    public string? TokenId { get; init; }

    /// <summary>The certificate of the caller's connection, where it is what lets it in.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The workflow that calls; null for the holder of an API token.</summary>
    public WorkflowIdentity? Workflow { get; init; }
}
