namespace Provisioner.Server.Access;

/// <summary>What may this workflow do? <see cref="AccessPolicy.Decide"/> answers.</summary>
internal delegate PolicyDecision PolicyQuestion(WorkflowIdentity who);
