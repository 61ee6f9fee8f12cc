namespace Provisioner.Server.Audit;

/// <summary>What the check of an audit log found.</summary>
/// <param name="Last">The last row that is right.</param>
/// <param name="Wrong">The sequence of the first row that is wrong; null when there is none.</param>
/// <param name="Fault">What is wrong with it.</param>
internal sealed record AuditVerdict(AuditMark Last, long? Wrong = null, AuditFault? Fault = null);
