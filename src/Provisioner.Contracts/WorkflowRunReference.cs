using System.Text.Json.Serialization;

namespace Provisioner.Contracts;

/// <summary>The attempt at a workflow run that asks for a VM. When GitHub says that it is over, the VM goes.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record WorkflowRunReference
{
    /// <summary>GitHub's id of the run: <c>GITHUB_RUN_ID</c>. Of the same repository as the VM.</summary>
    public long Id { get; set; }

    /// <summary>Which attempt: <c>GITHUB_RUN_ATTEMPT</c>.</summary>
    public int Attempt { get; set; } = 1;
}
