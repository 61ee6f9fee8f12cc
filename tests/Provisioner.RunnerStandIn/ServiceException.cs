using System.Net;

namespace Provisioner.RunnerStandIn;

/// <summary>The service answered, but not with success.</summary>
internal sealed class ServiceException(HttpStatusCode status, string? kind, string message) : Exception(message)
{
    public HttpStatusCode Status { get; } = status;

    /// <summary>The broker's `errorKind`, or OAuth's `error`.</summary>
    public string? Kind { get; } = kind;
}
