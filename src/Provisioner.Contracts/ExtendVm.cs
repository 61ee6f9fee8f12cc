using System.Text.Json.Serialization;

namespace Provisioner.Contracts;

/// <summary>The body of <c>POST /v1/vms/{id}/extend</c>.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ExtendVm
{
    /// <summary>How long the VM shall live from now on, as <c>hh:mm:ss</c>. Never makes its life shorter. Mandatory.</summary>
    public TimeSpan? Lifetime { get; set; }
}
