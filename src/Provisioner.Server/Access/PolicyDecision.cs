namespace Provisioner.Server.Access;

/// <summary>What the policy says to a workflow.</summary>
/// <param name="Grant">What it may do; null when it may do nothing.</param>
/// <param name="Rule">The name of the rule that matched, or that came nearest; empty when there is none.</param>
/// <param name="Reason">In a sentence, for the workflow's author: which rule allowed it, or why none did.</param>
internal sealed record PolicyDecision(Grant? Grant, string Rule, string Reason);
