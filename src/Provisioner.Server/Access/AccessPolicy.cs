namespace Provisioner.Server.Access;

/// <summary>What workflows may do. Denied is what no rule allows.</summary>
internal sealed class AccessPolicy
{
    public PolicyDecision Decide(WorkflowIdentity who) => new(null, "", $"No rule allows anything to {who.Repository}.");
}
