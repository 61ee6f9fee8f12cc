namespace Provisioner.Server.Access;

/// <summary>What came of looking at a token.</summary>
/// <param name="Who">The workflow that has proved who it is; null where the token is not accepted.</param>
/// <param name="Problem">Why it is not, for the log: the caller is told the same of every bad token.</param>
/// <param name="Signed">The signature held, so it comes from GitHub and not from anybody who knocks.</param>
/// <param name="ComeAgain">When to come again, where nobody can say yet: the issuer could not be asked for its keys.</param>
internal sealed record IdTokenVerdict(WorkflowIdentity? Who, string Problem, bool Signed, TimeSpan? ComeAgain = null);
